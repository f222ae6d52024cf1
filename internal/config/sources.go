package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// gather returns the values that are given, by name, and what is wrong with the names.
func gather(table []setting, environ []string, readFile func(string) ([]byte, error)) (map[string]string, []error) {
	names := known(table)
	env, errs := fromEnviron(names, environ)
	path := env["PAZPAZ_CONFIG"]
	if path == "" {
		return env, errs
	}
	content, err := readFile(path)
	if err != nil {
		return env, append(errs, fmt.Errorf("PAZPAZ_CONFIG: %s (got %s)", whyNot(err), quoted(path)))
	}
	src, more := fromFile(names, string(content))
	for name, value := range env {
		src[name] = value
	}
	return src, append(errs, more...)
}

// known are all names that mean something.
func known(table []setting) []string {
	var names []string
	for _, s := range table {
		names = append(names, s.name)
		if s.fallback != "" {
			names = append(names, s.fallback)
		}
	}
	return names
}

// fromEnviron takes our names; of the others only those that claim to be ours are wrong.
func fromEnviron(names, environ []string) (map[string]string, []error) {
	src, errs := map[string]string{}, []error(nil)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		value = strings.TrimSpace(value)
		switch {
		case slices.Contains(names, name):
			if _, twice := src[name]; !twice && value != "" { // like os.Getenv: the first counts
				src[name] = value
			}
		case strings.HasPrefix(strings.ToUpper(name), "PAZPAZ_"):
			errs = append(errs, unknown(names, name))
		}
	}
	return src, errs
}

var nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// fromFile takes all lines; every name in our own file must be one of ours. A line that is not understood is named by
// its number only, because it may be part of a secret.
func fromFile(names []string, content string) (map[string]string, []error) {
	src, errs := map[string]string{}, []error(nil)
	content = strings.TrimPrefix(content, "\ufeff")
	for i, line := range strings.Split(content, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		_, twice := src[name]
		switch {
		case !found || !nameForm.MatchString(name) || len(name) > 40:
			errs = append(errs, fmt.Errorf("PAZPAZ_CONFIG: line %d is not of the form NAME=value", i+1))
		case name == "PAZPAZ_CONFIG":
			errs = append(errs, fmt.Errorf("PAZPAZ_CONFIG: line %d names another file; there can be one only", i+1))
		case !slices.Contains(names, name):
			errs = append(errs, fmt.Errorf("PAZPAZ_CONFIG: line %d: %w", i+1, unknown(names, name)))
		case twice:
			errs = append(errs, fmt.Errorf("PAZPAZ_CONFIG: line %d sets %s again", i+1, name))
		default:
			src[name] = unquoted(strings.TrimSpace(value))
		}
	}
	return src, errs
}

// unquoted drops one pair of quotes.
func unquoted(s string) string {
	if n := len(s); n >= 2 && s[0] == s[n-1] && (s[0] == '"' || s[0] == '\'') {
		return s[1 : n-1]
	}
	return s
}

// unknown names a wrong name and the one that was probably meant.
func unknown(names []string, name string) error {
	best, least := "", 4
	for _, candidate := range names {
		if d := distance(strings.ToUpper(name), candidate); d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		return errors.New(name + ": unknown setting; docs/settings.md lists them all")
	}
	return fmt.Errorf("%s: unknown setting; did you mean %s?", name, best)
}

// distance is how many letters must be added, dropped or changed to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
