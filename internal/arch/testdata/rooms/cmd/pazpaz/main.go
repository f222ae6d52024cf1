package main

import (
	"pazpaz/internal/cli"
	"pazpaz/internal/store" // want "table of rooms"
)

func main() { cli.Main(store.Open) }
