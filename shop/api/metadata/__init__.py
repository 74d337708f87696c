"""Free key-value pairs on objects: their input, and the mutations that write them."""
