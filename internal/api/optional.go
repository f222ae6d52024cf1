package api

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// optional is a field of a partial update: absent means unchanged, null means
// cleared.
type optional[T any] struct {
	Set   bool
	Value T // the zero value for null
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom; it is called only when
// the field is there.
func (o *optional[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	o.Set = true
	if dec.PeekKind() == 'n' {
		return dec.SkipValue()
	}
	return json.UnmarshalDecode(dec, &o.Value)
}

// Schema implements huma.SchemaProvider.
func (optional[T]) Schema(r huma.Registry) *huma.Schema {
	s := *huma.SchemaFromType(r, reflect.TypeFor[T]())
	s.Nullable = true
	return &s
}

// or returns the value that was sent, or old when none was.
func (o optional[T]) or(old T) T {
	if o.Set {
		return o.Value
	}
	return old
}
