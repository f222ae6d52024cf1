package testkit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Ask is Do for a route of the API, and holds the answer against the OpenAPI
// document: its status must be declared and its body have exactly the
// declared shape. What does not fit is an error of the test.
func (k *Kit) Ask(method, path string, header http.Header, body any) *Response {
	k.T.Helper()
	res := k.Do(method, path, header, body)
	for _, fault := range k.Contract().Answer(method, k.path(path), res) {
		k.T.Errorf("%s %s: the answer is not as documented: %s", method, path, fault)
	}
	return res
}

// Contract returns the OpenAPI document of the test's server.
func (k *Kit) Contract() *Contract {
	k.T.Helper()
	if c := k.contract.Load(); c != nil {
		return c
	}
	document := k.API.OpenAPI()
	c, known := contracts.Load(string(document))
	if !known {
		parsed, err := ParseContract(document)
		if err != nil {
			k.T.Fatalf("openapi document: %v", err)
		}
		c, _ = contracts.LoadOrStore(string(document), parsed)
	}
	k.contract.Store(c.(*Contract))
	return c.(*Contract)
}

// contracts keeps what was read; it is the same document in all worlds.
var contracts sync.Map

// Contract is an OpenAPI document that answers can be held against.
type Contract struct{ doc map[string]any }

// ParseContract reads an OpenAPI document.
func ParseContract(document []byte) (*Contract, error) {
	v, err := parseJSON(document)
	if err != nil {
		return nil, err
	}
	doc, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("it is %T", v)
	}
	return &Contract{doc}, nil
}

func parseJSON(raw []byte) (v any, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}

// At walks down objects by their keys; nil when there is nothing.
func (c *Contract) At(keys ...string) map[string]any {
	here := c.doc
	for _, key := range keys {
		here, _ = here[key].(map[string]any)
	}
	return here
}

// Operation returns what the document says of a method and a path as it is
// sent; nil when nothing. A written path wins over one with parameters.
func (c *Contract) Operation(method, path string) map[string]any {
	path, _, _ = strings.Cut(path, "?")
	found := ""
	for template := range c.At("paths") {
		if template == path || (found == "" && fits(template, path)) {
			found = template
		}
	}
	return c.At("paths", found, strings.ToLower(method))
}

func fits(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == g || (strings.HasPrefix(w, "{") && g != "") })
}

// Answer lists where an answer differs from what is documented.
func (c *Contract) Answer(method, path string, res *Response) []string {
	op := c.Operation(method, path)
	if op == nil {
		return []string{"the route is not there"}
	}
	responses, _ := op["responses"].(map[string]any)
	declared, ok := responses[strconv.Itoa(res.Status)].(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("status %d is not declared", res.Status)}
	}
	content, _ := declared["content"].(map[string]any)
	if len(content) == 0 {
		if len(res.Body) > 0 {
			return []string{"a body that is not declared"}
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil {
		return []string{"no content type"}
	}
	media, ok := content[kind].(map[string]any)
	if !ok {
		return []string{kind + " is not declared"}
	}
	if !strings.HasSuffix(kind, "/json") && !strings.HasSuffix(kind, "+json") {
		return nil
	}
	body, err := parseJSON(res.Body)
	if err != nil {
		return []string{"not JSON: " + err.Error()}
	}
	schema, _ := media["schema"].(map[string]any)
	return c.Check(schema, body)
}

// Matches lists where a value differs from a named schema.
func (c *Contract) Matches(schema string, v any) []string {
	raw, err := json.Marshal(v) // so that numbers are read as in an answer
	if err == nil {
		v, err = parseJSON(raw)
	}
	if err != nil {
		return []string{err.Error()}
	}
	return c.Check(map[string]any{"$ref": "#/components/schemas/" + schema}, v)
}

// Check lists where a value that parseJSON has read differs from a schema. A
// keyword that it does not know is a fault: nothing is passed over.
func (c *Contract) Check(schema map[string]any, v any) []string {
	var faults faults
	faults.check(c, "$", schema, v)
	return faults
}

type faults []string

func (f *faults) add(at, format string, args ...any) {
	*f = append(*f, at+": "+fmt.Sprintf(format, args...))
}

func (f *faults) check(c *Contract, at string, schema map[string]any, v any) {
	if ref, ok := schema["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/components/schemas/")
		if schema = c.At("components", "schemas", name); schema == nil {
			f.add(at, "schema %s is missing", ref)
			return
		}
	}
	for keyword, want := range schema {
		switch keyword {
		case "description", "examples", "default", "title", "contentMediaType", "properties", "items", "additionalProperties":
		case "type":
			if !hasType(want, v) {
				f.add(at, "%s is not %v", typeOf(v), want)
				return
			}
		case "required":
			f.required(at, want, v)
		case "enum":
			if list, ok := want.([]any); !ok || !slices.Contains(list, v) {
				f.add(at, "%v is none of %v", v, want)
			}
		default:
			f.scalar(at, keyword, want, v)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		f.object(c, at, schema, v)
	case []any:
		items, _ := schema["items"].(map[string]any)
		for i, item := range v {
			f.check(c, fmt.Sprintf("%s[%d]", at, i), items, item)
		}
	}
}

func (f *faults) required(at string, want, v any) {
	object, is := v.(map[string]any)
	if !is { // what may be null needs none of them
		return
	}
	names, _ := want.([]any)
	for _, name := range names {
		if _, there := object[fmt.Sprint(name)]; !there {
			f.add(at, "%v is missing", name)
		}
	}
}

func (f *faults) object(c *Contract, at string, schema, v map[string]any) {
	properties, _ := schema["properties"].(map[string]any)
	for name, value := range v {
		property, known := properties[name].(map[string]any)
		if known {
			f.check(c, at+"."+name, property, value)
		} else if schema["additionalProperties"] == false {
			f.add(at, "%s is not declared", name)
		}
	}
}

// scalar judges the keywords of single values; null is judged by its type
// alone.
func (f *faults) scalar(at, keyword string, want, v any) {
	limit, _ := strconv.ParseFloat(fmt.Sprint(want), 64)
	text, isText := v.(string)
	length := float64(utf8.RuneCountInString(text))
	number, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	list, _ := v.([]any)
	var ok bool
	switch keyword {
	case "format":
		ok = !isText || hasFormat(fmt.Sprint(want), text)
	case "minLength":
		ok = !isText || length >= limit
	case "maxLength":
		ok = !isText || length <= limit
	case "minimum":
		ok = err != nil || number >= limit
	case "maximum":
		ok = err != nil || number <= limit
	case "contentEncoding":
		_, err := base64.StdEncoding.DecodeString(text)
		ok = !isText || want == "base64" && err == nil
	case "maxItems":
		ok = float64(len(list)) <= limit
	case "pattern":
		ok = !isText || regexp.MustCompile(fmt.Sprint(want)).MatchString(text)
	}
	if !ok {
		f.add(at, "%v breaks %s %v", v, keyword, want)
	}
}

func hasType(want, v any) bool {
	got := typeOf(v)
	list, ok := want.([]any)
	if !ok {
		list = []any{want}
	}
	return slices.Contains(list, any(got)) || (got == "integer" && slices.Contains(list, any("number")))
}

func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case json.Number:
		if _, err := v.Int64(); err == nil {
			return "integer"
		}
		return "number"
	}
	return fmt.Sprintf("%T", v)
}

func hasFormat(format, s string) bool {
	var err error
	switch format {
	case "date-time":
		_, err = time.Parse(time.RFC3339Nano, s)
	case "date":
		_, err = time.Parse(time.DateOnly, s)
	case "uuid":
		_, err = uuid.Parse(s)
		return err == nil && len(s) == 36
	case "email":
		return strings.Contains(s, "@")
	case "binary", "int64":
	default:
		return false
	}
	return err == nil
}
