package arch_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// sizes are the most lines that a function and a file may have.
type sizes struct{ function, file, testFunction, testFile int }

var limits = sizes{function: 60, file: 400, testFunction: 100, testFile: 600}

// longerByDecision names the tables that may be longer, each with its reason: "path" for a file, "path:function" for a
// function. An entry that is not needed fails, so the list stays honest.
var longerByDecision = map[string]string{}

type size struct {
	place finding // where, and what it is
	key   string  // its name in longerByDecision
	lines int
}

type measures struct{ funcs, files, testFuncs, testFiles []size }

// measure counts the lines of every function and file that a person wrote.
func measure(t *testing.T, root string) measures {
	t.Helper()
	var m measures
	for _, s := range sources(t, root, "cmd", "internal", "tools") {
		if ast.IsGenerated(s.file) {
			continue
		}
		funcs, files := &m.funcs, &m.files
		if s.isTest() {
			funcs, files = &m.testFuncs, &m.testFiles
		}
		lines := s.fset.Position(s.file.FileEnd).Line
		*files = append(*files, size{s.at(s.file.Package, "file"), s.path, lines})
		*funcs = append(*funcs, s.functions()...)
	}
	return m
}

func (s source) functions() []size {
	var all []size
	for _, decl := range s.file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		lines := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1
		all = append(all, size{s.at(f.Pos(), "function %s", f.Name.Name), s.path + ":" + f.Name.Name, lines})
	}
	return all
}

// findings lists what is longer than the limits, and the excuses that nothing needs.
func (m measures) findings(limit sizes, excused map[string]string) []finding {
	var found []finding
	used := map[string]bool{}
	check := func(all []size, most int) {
		for _, one := range all {
			switch {
			case one.lines <= most:
			case excused[one.key] != "":
				used[one.key] = true
			default:
				one.place.text = fmt.Sprintf("%s has %d lines, more than %d", one.place.text, one.lines, most)
				found = append(found, one.place)
			}
		}
	}
	check(m.funcs, limit.function)
	check(m.files, limit.file)
	check(m.testFuncs, limit.testFunction)
	check(m.testFiles, limit.testFile)
	for key := range excused {
		if !used[key] {
			file, _, _ := strings.Cut(key, ":")
			found = append(found, finding{file, 1, key + " has an excuse that it does not need"})
		}
	}
	return found
}

func median(all []size) int {
	if len(all) == 0 {
		return 0
	}
	lines := make([]int, len(all))
	for i, s := range all {
		lines[i] = s.lines
	}
	slices.Sort(lines)
	return lines[len(lines)/2]
}
