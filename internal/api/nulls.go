package api

import "github.com/danielgtaylor/huma/v2"

// nameNulls adds null to the choices of fields that may be null: huma says it
// of their type alone, and by such a document our own answers are wrong.
func nameNulls(all map[string]*huma.Schema) {
	for _, s := range all {
		nameNull(s)
	}
}

func nameNull(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Nullable && len(s.Enum) > 0 && s.Enum[len(s.Enum)-1] != nil {
		s.Enum = append(s.Enum, nil)
	}
	nameNull(s.Items)
	nameNulls(s.Properties)
}
