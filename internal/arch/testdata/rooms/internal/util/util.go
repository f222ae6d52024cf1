package util // want "util is not a room"
