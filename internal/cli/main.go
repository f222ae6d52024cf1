// Package cli is the program: one file per verb, and the only room that picks
// engines, makes the clock and the randomness, and wires the other rooms. It
// holds no rule of the product.
package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // a host without zone files must know Asia/Jerusalem too
)

// Version is set by the release build.
var Version = "dev" //nolint:gochecknoglobals // -ldflags -X needs a variable

// Env is the process around a verb; tests make their own.
type Env struct {
	Ctx    context.Context //nolint:containedctx // it is the life of the process
	Stdout io.Writer
	Stderr io.Writer
	// Environ is the list of NAME=value settings.
	Environ []string
	Now     func() time.Time
	Random  io.Reader
}

// Process is the environment of the real process; an interrupt ends its
// context.
func Process() Env {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // ends with the process
	return Env{Ctx: ctx, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(), Now: time.Now, Random: rand.Reader}
}

// verb is one word of the command line.
type verb struct {
	name, does string
	run        func(env Env, args []string) error
}

// verbs returns what the program can do, in the order of the help.
func verbs() []verb {
	return []verb{
		{"serve", "run the product (--demo: with a filled demo practice)", serve},
		{"migrate", "bring the database's schema up to date", migrate},
		{"user", "list people; add-admin, remove-admin, reset-factor (--link prints a sign-in link)", userVerb},
		{"doctor", "look for what is wrong with a set-up (--mail ADDRESS: send a mail)", doctorVerb},
		{"keys", "status of the master key; add a version; rotate to the newest", keysVerb},
		{"audit", "verify, export or checkpoint the audit chains", auditVerb},
		{"bench", "measure throughput and latency of the API", bench},
		{"settings", "list every setting", settings},
		{"version", "print the version", version},
	}
}

// Main runs the verb that args name and returns the exit status: 0 when all
// went well, 1 when it failed, 2 when the call was wrong.
func Main(args []string, env Env) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(env.Stdout)
		return 0
	}
	for _, v := range verbs() {
		if v.name == args[0] {
			return status(env, v.run(env, args[1:]))
		}
	}
	fmt.Fprintln(env.Stderr, "pazpaz: there is no such verb; pazpaz help lists them")
	return 2
}

// errUsage marks a call that the verb could not read; it has been explained.
var errUsage = errors.New("usage")

func status(env Env, err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	}
	fmt.Fprintln(env.Stderr, "pazpaz:", oneLine(err))
	return 1
}

// oneLine is the error as a single line, however many it was joined from.
func oneLine(err error) string {
	lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\t' })
	return strings.Join(lines, "; ")
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "PazPaz: practice management for independent therapists.")
	fmt.Fprintln(w)
	for _, v := range verbs() {
		fmt.Fprintf(w, "  pazpaz %-9s %s\n", v.name, v.does)
	}
	fmt.Fprintln(w, "\nSettings are environment variables, or lines of a file named by PAZPAZ_CONFIG.")
}

// flags makes the flag set of a verb.
func flags(env Env, name string) *flag.FlagSet {
	f := flag.NewFlagSet("pazpaz "+name, flag.ContinueOnError)
	f.SetOutput(env.Stderr)
	return f
}

func parse(f *flag.FlagSet, args []string) error {
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return errUsage
	case f.NArg() > 0:
		fmt.Fprintln(f.Output(), "pazpaz: there are more words than the verb takes")
		return errUsage
	}
	return nil
}

func version(env Env, _ []string) error {
	_, err := fmt.Fprintln(env.Stdout, "pazpaz", Version)
	return err
}
