package kv

import "testing"

// FuzzEnvelope checks that what comes over the shared channel is refused, or is
// a name and a payload that would be sent so; and that every name and payload
// arrives.
func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{"", "\x00", "\x01a", "\x02a", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x80", string(envelope("changes:x", []byte("clients")))} {
		f.Add(seed, "channel", []byte("payload"))
	}
	f.Fuzz(func(t *testing.T, message, channel string, payload []byte) {
		if c, p, ok := opened(message); ok {
			if again, p2, ok := opened(string(envelope(c, p))); !ok || again != c || string(p2) != string(p) {
				t.Fatalf("%q is %q and %q, and sent anew %q and %q", message, c, p, again, p2)
			}
		}
		if c, p, ok := opened(string(envelope(channel, payload))); !ok || c != channel || string(p) != string(payload) {
			t.Fatalf("%q and %q arrive as %q and %q", channel, payload, c, p)
		}
	})
}
