"""What staff writes: pages, menus and widget areas."""
