package helpers // want "store/helpers is not a room"
