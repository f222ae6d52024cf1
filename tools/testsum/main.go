// Command testsum reads what `go test -json` writes and prints what a person wants of it: the ok and FAIL line of each
// package, the whole output of each test that failed, and one line of totals at the end. With -stats it adds the
// number of tests by room and by area. It exits with 1 when anything failed and must not hide a failure: a package that
// fails without a failing test counts as one.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action, Package, ImportPath, Test, Output, FailedBuild string
	Elapsed                                                float64
}

type outcome struct {
	action string // pass, fail or skip; empty while it runs
	output []string
	parent bool // has subtests; only the leaves are counted
}

// run holds what is known of one `go test`.
type run struct {
	out      io.Writer
	tests    map[string]map[string]*outcome // by package, then by test
	loose    map[string][]string            // output that belongs to a package and to none of its tests
	failures int                            // packages that failed without a failing test
}

func main() {
	stats := flag.Bool("stats", false, "print the number of tests by room and by area")
	root := flag.String("root", ".", "folder of the module whose tests are read, for -stats")
	flag.Parse()
	r := newRun(os.Stdout)
	if err := r.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(2)
	}
	if *stats {
		r.printStats(*root)
	}
	if !r.summary() {
		os.Exit(1)
	}
}

func newRun(out io.Writer) *run {
	return &run{out: out, tests: map[string]map[string]*outcome{}, loose: map[string][]string{}}
}

// read takes events until the end. Lines that are not JSON are passed on as they are.
func (r *run) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil {
				fmt.Fprint(r.out, line)
			} else {
				r.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *run) take(e event) {
	switch {
	case e.Action == "build-output":
		fmt.Fprint(r.out, e.Output)
	case e.Test != "":
		r.takeTest(e)
	case e.Action == "output":
		r.loose[e.Package] = append(r.loose[e.Package], e.Output)
	case e.Action == "pass" || e.Action == "fail" || e.Action == "skip":
		r.closePackage(e)
	}
}

func (r *run) takeTest(e event) {
	t := r.test(e.Package, e.Test)
	switch e.Action {
	case "output":
		if !strings.HasPrefix(e.Output, "=== ") { // run, pause and cont
			t.output = append(t.output, e.Output)
		}
	case "pass", "fail", "skip":
		t.action = e.Action
	}
}

// test finds or starts the entry of a test and marks those above it as parents.
func (r *run) test(pkg, name string) *outcome {
	all := r.tests[pkg]
	if all == nil {
		all = map[string]*outcome{}
		r.tests[pkg] = all
	}
	t := all[name]
	if t == nil {
		t = &outcome{}
		all[name] = t
		if i := strings.LastIndexByte(name, '/'); i > 0 {
			r.test(pkg, name[:i]).parent = true
		}
	}
	return t
}

// closePackage prints the lines of a package that has ended.
func (r *run) closePackage(e event) {
	if e.Action != "fail" {
		for _, line := range r.loose[e.Package] {
			if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "? ") {
				fmt.Fprint(r.out, line)
			}
		}
		return
	}
	failed := 0
	for _, name := range inOrder(r.tests[e.Package]) {
		t := r.tests[e.Package][name]
		if t.action == "" && !t.parent { // it was running when the package died
			t.action = "fail"
		}
		if t.action == "fail" || t.action == "" {
			fmt.Fprint(r.out, strings.Join(t.output, ""))
			failed++
		}
	}
	if failed == 0 {
		r.failures++
	}
	fmt.Fprint(r.out, strings.Join(r.loose[e.Package], ""))
}

// summary prints the totals and says whether everything passed.
func (r *run) summary() bool {
	count := map[string]int{}
	for _, tests := range r.tests {
		for name, t := range tests {
			if t.counts(name, tests) {
				count[t.action]++
			}
		}
	}
	failed := count["fail"] + r.failures
	fmt.Fprintf(r.out, "\n%d passed, %d failed", count["pass"], failed)
	if n := count["skip"]; n > 0 {
		fmt.Fprintf(r.out, ", %d skipped", n)
	}
	fmt.Fprintln(r.out)
	return failed == 0 && count["pass"] > 0
}

// counts says whether a test is one of the total: each leaf, and each parent that failed by itself.
func (t *outcome) counts(name string, all map[string]*outcome) bool {
	if !t.parent {
		return true
	}
	if t.action != "fail" {
		return false
	}
	for other, o := range all {
		if o.action == "fail" && strings.HasPrefix(other, name+"/") {
			return false
		}
	}
	return true
}
