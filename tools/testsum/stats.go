package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
)

func inOrder[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// tally is one line of a table: top-level tests, and cases with the subtests counted one by one.
type tally struct{ tests, cases, skipped int }

// printStats prints two tables. A room is a package; an area is the name of the test file, because a noun has the same
// file name in each room.
func (r *run) printStats(root string) {
	rooms, areas := map[string]*tally{}, map[string]*tally{}
	for pkg, tests := range r.tests {
		files := testFiles(filepath.Join(root, inModule(pkg)))
		for name, t := range tests {
			top, _, sub := strings.Cut(name, "/")
			for _, row := range []*tally{at(rooms, inModule(pkg)), at(areas, files[top])} {
				row.add(!sub, t.counts(name, tests), t.action == "skip")
			}
		}
	}
	r.table("room", rooms)
	r.table("area", areas)
}

func at(m map[string]*tally, key string) *tally {
	if m[key] == nil {
		m[key] = &tally{}
	}
	return m[key]
}

func (t *tally) add(top, counts, skipped bool) {
	if top {
		t.tests++
	}
	if counts {
		t.cases++
	}
	if counts && skipped {
		t.skipped++
	}
}

func (r *run) table(title string, rows map[string]*tally) {
	w := tabwriter.NewWriter(r.out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\n%s\ttests\tcases\tskipped\t\n", title)
	sum := tally{}
	for _, name := range inOrder(rows) {
		t := rows[name]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", name, t.tests, t.cases, t.skipped)
		sum = tally{sum.tests + t.tests, sum.cases + t.cases, sum.skipped + t.skipped}
	}
	fmt.Fprintf(w, "total\t%d\t%d\t%d\t\n", sum.tests, sum.cases, sum.skipped)
	_ = w.Flush() // standard output; nothing to be done
}

// inModule cuts the module's name off an import path.
func inModule(pkg string) string {
	_, rest, _ := strings.Cut(pkg, "/")
	return rest
}

// testFiles maps each test, fuzz target and example of a folder to its area.
func testFiles(dir string) map[string]string {
	areas := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return areas
	}
	for _, entry := range entries {
		area, isTest := strings.CutSuffix(entry.Name(), "_test.go")
		if !isTest {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, entry.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok {
				areas[f.Name.Name] = singular(area)
			}
		}
	}
	return areas
}

var plural = regexp.MustCompile(`[^isu]s$`)

// singular makes one area of appointment.go and appointments.go, and leaves address and redis alone.
func singular(area string) string {
	if plural.MatchString(area) {
		return strings.TrimSuffix(area, "s")
	}
	return area
}
