"""Shop files: the declarative YAML an owner keeps a shop in, and the engine behind `shop apply`.

`load` reads and checks a file, `apply` brings the database to what it says, `pictures` draws the demo's images.
"""
