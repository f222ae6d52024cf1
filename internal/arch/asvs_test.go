package arch_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	securityPage = "../../docs/security.md"
	asvsBegins   = "<!-- ASVS: written by make golden -->\n"
	asvsEnds     = "<!-- end of ASVS -->\n"
)

var (
	namedTest = regexp.MustCompile(`(?m)^func Test(\w+?)((?:_ASVS(?:_\d+)+)+)\(`)
	asvsID    = regexp.MustCompile(`ASVS_(\d+)_(\d+)_(\d+)`)
)

// The page on security lists the requirements of the OWASP Application
// Security Verification Standard 5.0 that a test of ours names.
func TestSecurityPageListsTheRequirementsWithATest(t *testing.T) {
	page, err := os.ReadFile(securityPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, opened := bytes.Cut(page, []byte(asvsBegins))
	_, after, closed := bytes.Cut(rest, []byte(asvsEnds))
	if !opened || !closed {
		t.Fatalf("%s has no place for the table", securityPage)
	}
	want := slices.Concat(before, []byte(asvsBegins), asvsTable(t, ".."), []byte(asvsEnds), after)
	switch {
	case bytes.Equal(page, want):
	case os.Getenv("UPDATE") == "":
		t.Errorf("the tests have changed; run make golden")
	default:
		if err := os.WriteFile(securityPage, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// asvsTable is a line for each requirement that a test below root names.
func asvsTable(t *testing.T, root string) []byte {
	t.Helper()
	tests := map[[3]int][]string{}
	files, err := filepath.Glob(filepath.Join(root, "*", "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range namedTest.FindAllSubmatch(text, -1) {
			for _, id := range asvsID.FindAllSubmatch(found[2], -1) {
				n := [3]int{number(t, id[1]), number(t, id[2]), number(t, id[3])}
				tests[n] = append(tests[n], fmt.Sprintf("%s: %s", filepath.Base(filepath.Dir(name)), found[1]))
			}
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n%d requirements have a test that carries their id in its name (`ASVS_3_3_1`).\n\n| ASVS 5.0 | Test |\n|---|---|\n", len(tests))
	for _, id := range slices.SortedFunc(maps.Keys(tests), inOrder) {
		slices.Sort(tests[id])
		fmt.Fprintf(&b, "| %d.%d.%d | %s |\n", id[0], id[1], id[2], strings.Join(tests[id], "; "))
	}
	b.WriteString("\n")
	return b.Bytes()
}

func inOrder(a, b [3]int) int {
	return slices.Compare(a[:], b[:])
}

func number(t *testing.T, digits []byte) int {
	t.Helper()
	n, err := strconv.Atoi(string(digits))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
