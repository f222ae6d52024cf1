package api_test

import (
	"bytes"
	"os"
	"testing"

	"pazpaz/internal/testkit"
)

// TestGoldenOpenAPI shows every change of the contract in the diff. After a
// change that is meant: make golden.
func TestGoldenOpenAPI(t *testing.T) {
	t.Parallel()
	const path = "testdata/openapi.json"
	k := testkit.Bare(t, "sqlite")
	got := k.API.OpenAPI()
	if os.Getenv("UPDATE") == "1" {
		testkit.NoErr(t, os.MkdirAll("testdata", 0o750))
		testkit.NoErr(t, os.WriteFile(path, got, 0o600))
	}
	want, err := os.ReadFile(path)
	testkit.NoErr(t, err)
	if !bytes.Equal(got, want) {
		t.Fatal("the OpenAPI document has changed; run make golden and look at the diff")
	}
}
