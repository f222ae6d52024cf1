// Command pazpaz is practice management for independent therapists, in one
// binary.
package main

import (
	"os"

	"pazpaz/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], cli.Process())) }
