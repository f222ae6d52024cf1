package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"pazpaz/internal/config"
	"pazpaz/internal/crypt"
)

// The doctor looks at a set-up, running or stopped, and says of each part
// whether it is well and what to do. It makes nothing, changes nothing and
// shows no secret.

// lookTime bounds the look at one part.
const lookTime = 10 * time.Second

// maxSkew is how far clocks may be apart; tokens forgive 30 seconds.
const maxSkew = 10 * time.Second

// grade is how well a part is.
type grade string

const (
	well    grade = "ok"
	warning grade = "warning"
	problem grade = "problem"
)

// doctor collects what it finds.
type doctor struct {
	env  Env
	cfg  config.Config
	to   string // --mail: who gets a mail
	seen map[grade]int

	masters *crypt.Masters // nil until they are read
}

// doctorVerb prints a line for each finding; a problem makes the exit status 1.
func doctorVerb(env Env, args []string) error {
	d := &doctor{env: env, seen: map[grade]int{}}
	f := flags(env, "doctor")
	f.StringVar(&d.to, "mail", "", "send one mail to this address")
	if err := parse(f, args); err != nil {
		return err
	}
	if err := d.settings(); err != nil {
		return err
	}
	for _, look := range []func(context.Context){
		d.program, d.folder, d.masterKeys, d.secretKey, d.address, d.redis, d.mail, d.checkpointCopies, d.database,
	} {
		ctx, cancel := context.WithTimeout(env.Ctx, lookTime)
		look(ctx)
		cancel()
	}
	fmt.Fprintf(env.Stdout, "\n%d ok, %d warnings, %d problems\n", d.seen[well], d.seen[warning], d.seen[problem])
	if n := d.seen[problem]; n > 0 {
		return fmt.Errorf("the doctor found %d problems", n)
	}
	return nil
}

// say prints a finding.
func (d *doctor) say(g grade, part, format string, args ...any) {
	d.seen[g]++
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(d.env.Stdout, "%-8s %-12s %s\n", g, part, oneLine(errors.New(text)))
}

// found says that a part is well, or what is wrong with it.
func (d *doctor) found(part string, err error, format string, args ...any) bool {
	if err != nil {
		d.say(problem, part, "%v", err)
		return false
	}
	d.say(well, part, format, args...)
	return true
}

// settings prints those in effect. Bad ones are all named, and nothing else is
// looked at.
func (d *doctor) settings() (err error) {
	if d.cfg, err = config.Load(d.env.Environ, os.ReadFile); err != nil {
		for line := range strings.Lines(err.Error()) {
			d.say(problem, "settings", "%s", strings.TrimSpace(line))
		}
		return fmt.Errorf("the doctor found %d problems", d.seen[problem])
	}
	printSettings(d.env.Stdout, d.cfg)
	return nil
}

func printSettings(w io.Writer, c config.Config) {
	for _, line := range c.Describe() {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
}

func (d *doctor) program(context.Context) {
	d.found("program", crypt.SelfTest(), "pazpaz %s, the cipher works", Version)
}

// skew says how far a clock is from ours, where before and after are when it
// was asked.
func (d *doctor) skew(part string, at, before, after time.Time) {
	took := after.Sub(before)
	if off := at.Sub(before.Add(took / 2)); off.Abs()-took/2 > maxSkew {
		d.say(problem, part, "its clock is %v from this machine's: let both follow a time server", off.Round(time.Second))
	}
}
