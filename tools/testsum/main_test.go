package main

import (
	"strings"
	"testing"
)

func sum(t *testing.T, events string) (string, bool) {
	t.Helper()
	var out strings.Builder
	r := newRun(&out)
	if err := r.read(strings.NewReader(events)); err != nil {
		t.Fatal(err)
	}
	ok := r.summary()
	return out.String(), ok
}

func TestPassingRun(t *testing.T) {
	out, ok := sum(t, `{"Action":"output","Package":"m/a","Test":"TestX","Output":"noise\n"}
{"Action":"pass","Package":"m/a","Test":"TestX"}
{"Action":"pass","Package":"m/a","Test":"TestY/one"}
{"Action":"skip","Package":"m/a","Test":"TestY/two"}
{"Action":"pass","Package":"m/a","Test":"TestY"}
{"Action":"output","Package":"m/a","Output":"PASS\n"}
{"Action":"output","Package":"m/a","Output":"ok  \tm/a\t0.1s\n"}
{"Action":"pass","Package":"m/a"}
`)
	if want := "ok  \tm/a\t0.1s\n\n2 passed, 0 failed, 1 skipped\n"; out != want || !ok {
		t.Errorf("got %v %q, want %q", ok, out, want)
	}
}

func TestFailureIsShownInFull(t *testing.T) {
	out, ok := sum(t, `{"Action":"output","Package":"m/a","Test":"TestX/sub","Output":"why it failed\n"}
{"Action":"fail","Package":"m/a","Test":"TestX/sub"}
{"Action":"fail","Package":"m/a","Test":"TestX"}
{"Action":"output","Package":"m/a","Output":"FAIL\tm/a\t0.1s\n"}
{"Action":"fail","Package":"m/a"}
`)
	if want := "why it failed\nFAIL\tm/a\t0.1s\n\n0 passed, 1 failed\n"; out != want || ok {
		t.Errorf("got %v %q, want %q", ok, out, want)
	}
}

// A build that breaks, a TestMain that exits and a process that dies have no failing test of their own.
func TestFailureWithoutATestCounts(t *testing.T) {
	for name, events := range map[string]string{
		"build": `{"Action":"build-output","ImportPath":"m/a","Output":"a.go:1: broken\n"}
{"Action":"fail","Package":"m/a","FailedBuild":"m/a"}
`,
		"main": `{"Action":"output","Package":"m/a","Output":"broken\n"}
{"Action":"fail","Package":"m/a"}
`,
		"died": `{"Action":"run","Package":"m/a","Test":"TestX"}
{"Action":"output","Package":"m/a","Test":"TestX","Output":"broken\n"}
{"Action":"fail","Package":"m/a"}
`,
	} {
		out, ok := sum(t, events)
		if ok || !strings.Contains(out, "broken\n") || !strings.Contains(out, "0 passed, 1 failed") {
			t.Errorf("%s: got %v %q", name, ok, out)
		}
	}
}

func TestNothingRunIsNotAPass(t *testing.T) {
	if out, ok := sum(t, ""); ok {
		t.Errorf("an empty run passed: %q", out)
	}
}

func TestAreas(t *testing.T) {
	for area, want := range map[string]string{
		"clients": "client", "client": "client", "address": "address", "redis": "redis", "status": "status",
	} {
		if got := singular(area); got != want {
			t.Errorf("%s became %s, want %s", area, got, want)
		}
	}
}
