package store

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"

	"pgregory.net/rapid"
)

func fieldsOf(r record) (numbers []byte, values []string, err error) {
	err = r.each(func(field byte, v model.Text) {
		numbers, values = append(numbers, field), append(values, string(v))
	})
	return numbers, values, err
}

func TestRecordReadsBackWhatWasPut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var r record
		var wantNumbers []byte
		var wantValues []string
		for range rapid.IntRange(0, 20).Draw(rt, "fields") {
			number := rapid.Byte().Draw(rt, "number")
			value := string(rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(rt, "value"))
			r.put(number, model.Text(value))
			if value != "" {
				wantNumbers, wantValues = append(wantNumbers, number), append(wantValues, value)
			}
		}
		numbers, values, err := fieldsOf(r)
		if err != nil || !bytes.Equal(numbers, wantNumbers) || !slices.Equal(values, wantValues) {
			rt.Fatalf("read %v, %v; want %v", numbers, err, wantNumbers)
		}
	})
}

// What is sealed in a database must be read by every later version.
func TestRecordFormatNeverChanges(t *testing.T) {
	t.Parallel()
	c := model.Contact{
		FirstName: "A", LastName: "לוי", Email: "c", Phone: "d", DateOfBirth: "e", Address: "f", EmergencyName: "g", EmergencyPhone: "h",
		Tags: []model.Text{"i", model.Text(strings.Repeat("j", 200))},
	}
	want := "\x01\x01A\x02\x06לוי\x03\x01c\x04\x01d\x05\x01e\x06\x01f\x07\x01g\x08\x01h\x09\x01i\x09\xc8\x01" + strings.Repeat("j", 200)
	if got := string(packContact(c)); got != want {
		t.Fatalf("packed %q, want %q", got, want)
	}
	back, err := unpackContact(record(want))
	if err != nil || string(packContact(back)) != want || len(back.Tags) != 2 {
		t.Fatalf("read back %q, %v", packContact(back), err)
	}
	// A field of a later version is passed over.
	later, err := unpackContact(record("\x01\x01A\xf0\x03new\x02\x01B"))
	if err != nil || later.FirstName != "A" || later.LastName != "B" {
		t.Fatalf("with an unknown field: %v", err)
	}
}

func TestCutRecordIsRefused(t *testing.T) {
	t.Parallel()
	var r record
	r.put(1, "first")
	boundary := len(r)
	r.put(2, model.Text(strings.Repeat("x", 300)))
	for n := range r {
		_, _, err := fieldsOf(r[:n])
		if whole := n == 0 || n == boundary; (err == nil) != whole {
			t.Errorf("the first %d of %d bytes: %v", n, len(r), err)
		}
	}
	for _, bad := range []string{"\x01", "\x01\x80", "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x", "\x01\x02x"} {
		if _, _, err := fieldsOf(record(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(packContact(model.Contact{FirstName: "A", LastName: "B", Tags: []model.Text{"x", "y"}})))
	f.Add([]byte("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, raw []byte) {
		numbers, values, err := fieldsOf(raw)
		total := 0
		for _, v := range values {
			total += len(v) + 2
		}
		if total > len(raw) {
			t.Fatalf("%d bytes of values in %d", total, len(raw))
		}
		if err != nil {
			return
		}
		var again record
		for i, n := range numbers {
			again.put(n, model.Text(values[i]))
		}
		if n, v, err := fieldsOf(again); err != nil || slices.Contains(values, "") != (len(v) != len(values)) || (len(n) == len(numbers) && !slices.Equal(v, values)) {
			t.Fatalf("%q does not read back: %v", raw, err)
		}
		if _, err := unpackContact(raw); err != nil {
			t.Fatalf("read by itself but not as a contact: %v", err)
		}
	})
}
