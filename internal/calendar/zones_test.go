package calendar_test

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // the named zones of the tests, wherever they run
)

// namedZone is a zone of the tz database. Names that are links to one another
// have equal data.
type namedZone struct {
	name string
	loc  *time.Location
	data string
}

// zones are all of the tz database that came with Go, or else the system's.
var zones = sync.OnceValues(func() ([]namedZone, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err == nil {
		var all []namedZone
		all, err = zippedZones(filepath.Join(strings.TrimSpace(string(out)), "lib", "time", "zoneinfo.zip"))
		if err == nil {
			return all, nil
		}
	}
	return systemZones("/usr/share/zoneinfo")
})

func zippedZones(file string) ([]namedZone, error) {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = archive.Close() }()
	var all []namedZone
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return nil, err
		}
		loc, err := time.LoadLocationFromTZData(f.Name, data)
		if err != nil {
			return nil, err
		}
		all = append(all, namedZone{f.Name, loc, string(data)})
	}
	return all, nil
}

func systemZones(root string) ([]namedZone, error) {
	var all []namedZone
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		name, _ := filepath.Rel(root, file)
		if err != nil || !bytes.HasPrefix(data, []byte("TZif")) || strings.HasPrefix(name, "right/") || strings.HasPrefix(name, "posix/") {
			return err
		}
		loc, err := time.LoadLocationFromTZData(name, data)
		all = append(all, namedZone{name, loc, string(data)})
		return err
	})
	return all, err
}

// allZones are the zones, each kind of data once.
func allZones(t testing.TB) []namedZone {
	t.Helper()
	all, err := zones()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 400 {
		t.Fatalf("only %d zones", len(all))
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(all), func(z namedZone) bool {
		twice := seen[z.data]
		seen[z.data] = true
		return twice
	})
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func offset(t time.Time, loc *time.Location) int {
	_, seconds := t.In(loc).Zone()
	return seconds
}

// changes finds every instant (to the second) at which the offset changes, by
// looking at it every so often and halving.
func changes(loc *time.Location, from, to time.Time, every time.Duration) []time.Time {
	var all []time.Time
	for t := from; t.Before(to); t = t.Add(every) {
		low, high := t, t.Add(every)
		if offset(low, loc) == offset(high, loc) {
			continue
		}
		for high.Sub(low) > time.Second {
			middle := low.Add(high.Sub(low) / 2).Truncate(time.Second)
			if offset(middle, loc) == offset(low, loc) {
				low = middle
			} else {
				high = middle
			}
		}
		all = append(all, high)
	}
	return all
}

// parallelZones runs check for each zone, on all cores, and waits.
func parallelZones(t *testing.T, check func(*testing.T, namedZone)) {
	t.Helper()
	t.Run("zones", func(t *testing.T) {
		for _, z := range allZones(t) {
			t.Run(z.name, func(t *testing.T) {
				t.Parallel()
				check(t, z)
			})
		}
	})
}
