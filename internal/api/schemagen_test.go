package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// gen makes values out of the schemas of our own document. The same seed makes
// the same values.
type gen struct {
	rng *rand.Rand
	doc *testkit.Contract
	// pool are ids of records that were answered, by the first word of the path.
	pool map[string][]string
	// now is the test's clock.
	now time.Time
}

func (g *gen) pick(n int) int                { return g.rng.IntN(n) }
func (g *gen) oneIn(n int) bool              { return g.rng.IntN(n) == 0 }
func (g *gen) of(list []any) any             { return list[g.pick(len(list))] }
func (g *gen) text(all ...string) string     { return all[g.pick(len(all))] }
func (g *gen) schema(v any) fields           { s, _ := v.(fields); return g.resolve(s) }
func (g *gen) number(s fields, k string) int { return int(toFloat(s[k])) }

func toFloat(v any) float64 {
	n, _ := v.(json.Number)
	f, _ := n.Float64()
	return f
}

func (g *gen) resolve(s fields) fields {
	if to, ok := s["$ref"].(string); ok {
		return g.doc.At("components", "schemas", strings.TrimPrefix(to, "#/components/schemas/"))
	}
	return s
}

// value fits the schema; field is what it is for.
func (g *gen) value(s fields, field string) any {
	s = g.resolve(s)
	if list, ok := s["enum"].([]any); ok {
		return g.of(list)
	}
	switch t := g.typeOf(s); t {
	case "null":
		return nil
	case "boolean":
		return g.oneIn(2)
	case "integer", "number":
		return g.integer(s)
	case "array":
		return g.array(s, field)
	case "object":
		return g.object(s)
	}
	return g.string(s, field)
}

// typeOf is one of the schema's types.
func (g *gen) typeOf(s fields) string {
	switch t := s["type"].(type) {
	case string:
		return t
	case []any:
		if g.oneIn(4) {
			return "null"
		}
		return t[0].(string)
	}
	return "object"
}

func (g *gen) integer(s fields) int {
	least, most := g.number(s, "minimum"), 1000
	if s["maximum"] != nil {
		most = g.number(s, "maximum")
	}
	return least + g.pick(max(1, min(most-least+1, 500)))
}

func (g *gen) array(s fields, field string) []any {
	items, all := g.schema(s["items"]), []any{}
	for range g.pick(max(1, min(4, orInt(g.number(s, "maxItems"), 4)))) {
		all = append(all, g.value(items, field))
	}
	return all
}

func orInt(n, other int) int {
	if n == 0 {
		return other
	}
	return n
}

// object has what is required and some of the rest.
func (g *gen) object(s fields) fields {
	properties, _ := s["properties"].(fields)
	required, _ := s["required"].([]any)
	out := fields{}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if slices.Contains(required, any(name)) || g.oneIn(2) {
			out[name] = g.value(g.schema(properties[name]), name)
		}
	}
	return out
}

func (g *gen) string(s fields, field string) string {
	switch s["format"] {
	case "uuid":
		return g.id(field)
	case "date":
		return g.now.AddDate(0, 0, g.pick(400)-200).Format(time.DateOnly)
	case "date-time":
		return g.now.Add(time.Duration(g.pick(20_000)-5000) * 15 * time.Minute).Format(time.RFC3339)
	case "email":
		return fmt.Sprintf("gen-%d@example.com", g.pick(50))
	}
	out := g.text("Massage", "Noa", "\u05e9\u05dc\u05d5\u05dd", "a\u0301 b", "09:00", "Asia/Jerusalem", "2026-03-02T10:00", "FREQ=WEEKLY;COUNT=3", "ILS", "x", "", "\U0001f469\u200d\u2695\ufe0f")
	if most := g.number(s, "maxLength"); most > 0 && len([]rune(out)) > most {
		out = string([]rune(out)[:most])
	}
	if least := g.number(s, "minLength"); len([]rune(out)) < least {
		out = strings.Repeat("a", least)
	}
	return out
}

// id is a record's that was answered, or nobody's.
func (g *gen) id(field string) string {
	noun := strings.TrimSuffix(field, "_id")
	for _, segment := range slices.Sorted(maps.Keys(g.pool)) {
		if strings.HasPrefix(segment, noun) && !g.oneIn(8) {
			return g.pool[segment][g.pick(len(g.pool[segment]))]
		}
	}
	return uuid.UUID([16]byte(binaryOf(g.rng.Uint64(), g.rng.Uint64()))).String()
}

func binaryOf(a, b uint64) []byte {
	out := make([]byte, 16)
	for i := range 8 {
		out[i], out[8+i] = byte(a>>(8*i)), byte(b>>(8*i))
	}
	return out
}

// strange are values that fit no field, or only by chance.
func (g *gen) strange() any {
	return g.of([]any{
		nil, true, -1, 1.5, json.Number("1e400"), json.Number("9223372036854775808"), "", "\x00", strings.Repeat("x", 20_001), "null",
		[]any{}, []any{[]any{}}, fields{}, fields{"a": fields{}}, "2026-02-30", "9999-12-31T23:59:59Z", "0000-00-00", "FREQ=SECONDLY", "\u202e", uuid.Nil.String(),
	})
}

// near spoils one thing in a value that fits.
func (g *gen) near(v any) any {
	object, ok := v.(fields)
	if !ok || len(object) == 0 {
		return g.strange()
	}
	name := slices.Sorted(maps.Keys(object))[g.pick(len(object))]
	switch g.pick(5) {
	case 0:
		delete(object, name)
	case 1:
		object["not_there"] = g.strange()
	case 2:
		object[name] = g.near(object[name])
	default:
		object[name] = g.strange()
	}
	return object
}
