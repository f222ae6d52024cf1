package model

// OnceKey names a request that may be sent more than once and must have one
// effect.
type OnceKey struct {
	// Route and Key scope it to one operation; Key is the caller's own, and
	// empty means that it is not wanted.
	Route, Key string
	// Body is what was sent; the same key with another body is refused.
	Body []byte
}
