package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// WriteExport writes events as JSON, one object a line. It is the format that
// ReadExport reads, and it needs nothing of ours to be checked.
func WriteExport(w io.Writer, events iter.Seq2[Event, error]) error {
	enc := json.NewEncoder(w)
	for e, err := range events {
		if err != nil {
			return fmt.Errorf("export audit chain: %w", err)
		}
		e.At = e.At.UTC()
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("export audit chain: %w", err)
		}
	}
	return nil
}

// ReadExport yields the events of an exported file in its order. Each line
// must be, byte for byte, the one that WriteExport writes: what says the same
// in other bytes was not exported by us.
func ReadExport(r io.Reader) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		lines := bufio.NewScanner(r)
		for n := 1; lines.Scan(); n++ {
			e, err := readEntry(lines.Bytes())
			if err != nil {
				yield(Event{}, fmt.Errorf("line %d: %w", n, err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Event{}, err)
		}
	}
}

var errOtherBytes = errors.New("it is not written as an export writes it")

func readEntry(line []byte) (e Event, err error) {
	if err := json.Unmarshal(line, &e); err != nil {
		return e, fmt.Errorf("it is no entry: %w", err)
	}
	e.At = e.At.UTC()
	own, err := json.Marshal(e)
	if err != nil || !bytes.Equal(own, line) || !inMicros(e.At) {
		return e, errOtherBytes
	}
	return e, nil
}

// inMicros: a finer time would not be in the hash.
func inMicros(t time.Time) bool { return t.Nanosecond()%1000 == 0 }
