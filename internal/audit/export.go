package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// WriteExport writes events as JSON, one object a line. It is the format that
// ReadExport reads, and it needs nothing of ours to be checked.
func WriteExport(w io.Writer, events iter.Seq2[Event, error]) error {
	enc := json.NewEncoder(w)
	for e, err := range events {
		if err != nil {
			return fmt.Errorf("export audit chain: %w", err)
		}
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("export audit chain: %w", err)
		}
	}
	return nil
}

// ReadExport yields the events of an exported file in its order.
func ReadExport(r io.Reader) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		dec := json.NewDecoder(r)
		for {
			var e Event
			err := dec.Decode(&e)
			if errors.Is(err, io.EOF) || !yield(e, err) || err != nil {
				return
			}
		}
	}
}
