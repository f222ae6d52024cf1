package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pazpaz/internal/model"

	"github.com/danielgtaylor/huma/v2"
)

// Problem is every error answer, as in RFC 9457. It never repeats input.
type Problem struct {
	Type      string         `json:"type" doc:"A URI for the kind of problem." example:"urn:pazpaz:problem:not_found"`
	Title     string         `json:"title" doc:"The status in words." example:"Not Found"`
	Status    int            `json:"status" doc:"The HTTP status." example:"404"`
	Detail    string         `json:"detail" doc:"One sentence for people." example:"Resource not found."`
	Code      string         `json:"code" doc:"Stable and machine-readable." example:"not_found"`
	RequestID string         `json:"request_id" format:"uuid" doc:"Also in the X-Request-ID header and the server's log."`
	Errors    []ProblemField `json:"errors,omitempty" doc:"What is wrong with the input, field by field."`
	Conflicts []Clash        `json:"conflicting_appointments,omitempty" doc:"Who has the time, when it is taken."`
	Methods   []string       `json:"methods,omitempty" doc:"Ways to confirm who you are, when that is asked for: totp, passkey, recovery, mail."`
	Current   any            `json:"current,omitempty" doc:"The record as it is now, when the version sent was stale."`
}

// ProblemField names one wrong part of the input.
type ProblemField struct {
	Location string `json:"location" doc:"Where it is." example:"body.first_name"`
	Code     string `json:"code" doc:"Stable and machine-readable." example:"required"`
	Message  string `json:"message" doc:"One sentence for people." example:"Must not be empty."`
}

// Error makes a Problem an error for huma.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses is the only table from kinds of refusal to HTTP.
var statuses = map[model.Kind]int{
	model.Malformed:       http.StatusBadRequest,
	model.Invalid:         http.StatusUnprocessableEntity,
	model.Unauthenticated: http.StatusUnauthorized,
	model.Denied:          http.StatusForbidden,
	model.NotFound:        http.StatusNotFound,
	model.Conflict:        http.StatusConflict,
	model.Gone:            http.StatusGone,
	model.TooMany:         http.StatusTooManyRequests,
	model.TooLarge:        http.StatusRequestEntityTooLarge,
	model.Unsupported:     http.StatusUnsupportedMediaType,
	model.Unavailable:     http.StatusServiceUnavailable,
}

var errInternal = &model.Error{Code: "internal", Detail: "Something went wrong on our side. It was logged under the request id."}

// errStopped answers a request that its deadline, or its caller by hanging up,
// has stopped.
var errStopped = &model.Error{
	Kind: model.Unavailable, Code: "stopped", RetryAfter: 2 * time.Second,
	Detail: "This took too long and was stopped. Try again in a moment.",
}

// problemOf translates an error. One without a kind is internal: it is logged
// and its text stays here.
func (a *API) problemOf(q *request, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		p.RequestID, q.refusal = q.id.String(), p.Code
		return p
	}
	e, ok := errors.AsType[*model.Error](err)
	if !ok && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) {
		e, ok = errStopped, true
	}
	if !ok {
		a.o.Log.Error("request failed", "request", q.id, "error", err)
		e = errInternal
	} else if e.Kind == model.Unavailable && e != errOverloaded { // which would fill the log when there is least time for it
		a.o.Log.Warn("request refused", "request", q.id, "error", err)
	}
	p := newProblem(statusOf(e.Kind), e.Code, e.Detail)
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, ProblemField{location(q, f.Name), f.Code, f.Message})
	}
	switch current := e.Current.(type) {
	case nil:
	case []model.Clash:
		p.Conflicts = clashesOf(current)
	case model.Factors:
		p.Methods = methodsOf(current)
	default:
		p.Current = currentOf(q, e.Current)
	}
	if e.RetryAfter > 0 {
		q.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	q.refusal = p.Code
	p.RequestID = q.id.String()
	return p
}

func statusOf(k model.Kind) int {
	if s, ok := statuses[k]; ok {
		return s
	}
	return http.StatusInternalServerError
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "urn:pazpaz:problem:" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// location says where a field was sent: headers are written with capitals,
// what is only read is asked for in the query, all else is in the body.
func location(q *request, name string) string {
	switch {
	case strings.ToLower(name) != name:
		return "header." + name
	case q.r != nil && q.r.Method == http.MethodGet:
		return "query." + name
	default:
		return "body." + name
	}
}

// write answers with an error outside of huma.
func (a *API) write(q *request, err error) {
	p := a.problemOf(q, err)
	q.w.Header().Set("Content-Type", "application/problem+json")
	q.w.WriteHeader(p.Status)
	if err := json.NewEncoder(q.w).Encode(p); err != nil {
		a.o.Log.Debug("answer not delivered", "request", q.id, "error", err)
	}
}

// huma's own errors would repeat the submitted value; ours never do. The hook
// is a package variable of huma, so it is set once for the process.
func init() { //nolint:gochecknoinits // huma offers no other place for it
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return humaProblem(&request{}, status, msg, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return humaProblem(requestOf(ctx.Context()), status, msg, errs)
	}
}

// humaProblem is what huma finds wrong by itself: parameters.
func humaProblem(q *request, status int, _ string, errs []error) *Problem {
	p := newProblem(status, "internal", errInternal.Detail)
	switch status {
	case http.StatusUnprocessableEntity:
		p = newProblem(status, "invalid", "Some fields are not valid.")
	case http.StatusNotAcceptable:
		p = newProblem(status, "not_acceptable", "This address answers only JSON.")
	case http.StatusBadRequest:
		p = newProblem(status, "malformed", "The request cannot be read.")
	}
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok {
			p.Errors = append(p.Errors, ProblemField{d.ErrorDetail().Location, "invalid", "Is not valid: " + plain(d.ErrorDetail().Message) + "."})
		}
	}
	q.refusal = p.Code
	p.RequestID = q.id.String()
	return p
}

// plain lets only messages through that huma has written itself.
func plain(msg string) string {
	if strings.HasPrefix(msg, "expected ") || strings.HasPrefix(msg, "required ") || strings.HasPrefix(msg, "invalid ") {
		head, _, _ := strings.Cut(msg, ": ")
		return head
	}
	return "it does not have the form it needs"
}
