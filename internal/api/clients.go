package api

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

type listClientsIn struct {
	Query   string   `query:"q" maxLength:"200" doc:"Parts of the name in any order, digits of the phone, or part of the e-mail."`
	Status  string   `query:"status" enum:"active,archived,all" default:"active"`
	Include []string `query:"include" enum:"appointments" doc:"appointments: also the next and last one, and how many."`
	Limit   int      `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor  string   `query:"cursor" maxLength:"64" doc:"From the Link header of the page before."`
}

// listedClient has the calendar's fields only when they were asked for.
type listedClient struct {
	ClientSummary
	*ListedVisits
}

// ListedVisits is ClientVisits where it may be left out.
type ListedVisits struct {
	Next  *time.Time `json:"next_appointment" required:"false" doc:"The earliest scheduled start from now on."`
	Last  *time.Time `json:"last_appointment" required:"false" doc:"The latest attended start up to now."`
	Count int        `json:"appointment_count" required:"false" doc:"Without cancelled ones."`
}

type listClientsOut struct {
	Link  string `header:"Link" doc:"rel=next when there are more."`
	Total int    `header:"X-Total-Count" doc:"How many match on all pages."`
	Body  []listedClient
}

var clientStatuses = map[string]model.ClientStatus{
	"active": model.ActiveClients, "archived": model.ArchivedClients, "all": model.AllClients,
}

func (a *API) listClients(ctx context.Context, sc store.Scope, in *listClientsIn) (*listClientsOut, error) {
	f := model.ClientFilter{Query: model.Text(in.Query), Status: clientStatuses[in.Status], Limit: in.Limit}
	if in.Cursor != "" {
		id, err := uuid.Parse(in.Cursor)
		if err != nil || id == uuid.Nil {
			return nil, model.ErrBadCursor
		}
		f.After = id
	}
	visits := len(in.Include) > 0
	page, err := a.o.Practice.ListClients(ctx, sc, f, visits)
	if err != nil {
		return nil, err
	}
	out := &listClientsOut{Total: page.Total, Body: make([]listedClient, len(page.Clients))}
	for i := range page.Clients {
		c := &page.Clients[i]
		out.Body[i].ClientSummary = summaryOf(&c.Client)
		if visits {
			out.Body[i].ListedVisits = &ListedVisits{c.Next, c.Last, c.Count}
		}
	}
	if page.More {
		out.Link = nextPage(requestOf(ctx).r.URL, page.Clients[len(page.Clients)-1].ID.String())
	}
	return out, nil
}

// nextPage is the Link header of the page behind the one that ends at cursor.
func nextPage(here *url.URL, cursor string) string {
	query := here.Query()
	query.Set("cursor", cursor)
	return "<" + here.Path + "?" + query.Encode() + `>; rel="next"`
}

// ClientPath is the part of an address that names a client.
type ClientPath struct {
	ID string `path:"id" format:"uuid"`
}

func (p ClientPath) id() uuid.UUID { return idOf(p.ID) }

// idOf reads an id whose form huma has judged. One that it let through and
// that is none after all becomes the zero id, which nothing has.
func idOf(s string) uuid.UUID {
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.Nil
	}
	return id
}

type clientOut struct{ Body Client }

func (a *API) getClient(ctx context.Context, sc store.Scope, in *ClientPath) (*clientOut, error) {
	c, err := a.o.Practice.GetClient(ctx, sc, in.id())
	if err != nil {
		return nil, err
	}
	return &clientOut{clientOf(c)}, nil
}

type createClientIn struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key and body again answer with the client made first."`
}

type duplicate struct {
	ID       string   `json:"id" format:"uuid"`
	FullName string   `json:"full_name"`
	Reasons  []string `json:"reasons" enum:"phone,email,name_and_birth_date"`
}

type createdClient struct {
	Client

	Duplicates []duplicate `json:"possible_duplicates" doc:"Clients that may be the same person."`
}

type createClientOut struct {
	Location string `header:"Location"`
	Body     createdClient
}

func (a *API) createClient(ctx context.Context, sc store.Scope, in *createClientIn) (*createClientOut, error) {
	var b clientIn
	raw, err := decode(ctx, &b)
	if err != nil {
		return nil, err
	}
	once := model.OnceKey{Route: "POST /clients", Key: in.Key, Body: raw}
	c, like, err := a.o.Practice.CreateClient(ctx, sc, b.client(), once)
	if err != nil {
		return nil, err
	}
	return &createClientOut{
		Location: Base + "/clients/" + c.ID.String(),
		Body:     createdClient{clientOf(c), duplicatesOf(like)},
	}, nil
}

func duplicatesOf(like []model.Duplicate) []duplicate {
	out := make([]duplicate, len(like))
	for i, d := range like {
		out[i] = duplicate{d.ID.String(), string(d.FullName), d.Reasons}
	}
	return out
}

type duplicatesIn struct {
	FirstName   string `json:"first_name,omitempty"`
	LastName    string `json:"last_name,omitempty"`
	Email       string `json:"email,omitempty"`
	Phone       string `json:"phone,omitempty"`
	DateOfBirth string `json:"date_of_birth,omitempty"`
	Except      string `json:"except,omitempty" format:"uuid" doc:"A client to leave out."`
}

type duplicatesOut struct{ Body []duplicate }

func (a *API) findDuplicates(ctx context.Context, sc store.Scope, _ *none) (*duplicatesOut, error) {
	var b duplicatesIn
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	except := uuid.Nil
	if b.Except != "" {
		id, err := uuid.Parse(b.Except)
		if err != nil {
			return nil, model.InvalidFields([]model.Field{{Name: "except", Code: "uuid", Message: "Must be a client's id."}})
		}
		except = id
	}
	like, err := a.o.Practice.FindDuplicates(ctx, sc, model.Contact{
		FirstName: model.Text(b.FirstName), LastName: model.Text(b.LastName), Email: model.Text(b.Email),
		Phone: model.Text(b.Phone), DateOfBirth: model.Text(b.DateOfBirth),
	}, except)
	return &duplicatesOut{duplicatesOf(like)}, err
}

type updateClientIn struct {
	ClientPath

	IfMatch string `header:"If-Match" maxLength:"40" doc:"The version you saw, in quotes, instead of the version field."`
}

func (a *API) updateClient(ctx context.Context, sc store.Scope, in *updateClientIn) (*clientOut, error) {
	if err := a.o.Practice.CheckClient(ctx, sc, model.ClientUpdate, in.id()); err != nil {
		return nil, err
	}
	var b clientChange
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	version, err := seenVersion(in.IfMatch, b.Version)
	if err != nil {
		return nil, err
	}
	c, err := a.o.Practice.UpdateClient(ctx, sc, in.id(), version, b.apply)
	if err != nil {
		return nil, err
	}
	return &clientOut{clientOf(c)}, nil
}

// seenVersion is the version that the caller read, from the header or the
// body; 0 when neither is there.
func seenVersion(ifMatch string, inBody int64) (int64, error) {
	if ifMatch == "" || ifMatch == "*" {
		return inBody, nil
	}
	if quoted, ok := strings.CutPrefix(ifMatch, `"`); ok && strings.HasSuffix(quoted, `"`) {
		ifMatch = strings.TrimSuffix(quoted, `"`)
	}
	v, err := strconv.ParseInt(ifMatch, 10, 64)
	if err != nil || v < 1 || strconv.FormatInt(v, 10) != ifMatch || (inBody != 0 && inBody != v) {
		return 0, model.InvalidFields([]model.Field{{Name: "If-Match", Code: "version", Message: "Must be the version you saw."}})
	}
	return v, nil
}

func (a *API) archiveClient(ctx context.Context, sc store.Scope, in *ClientPath) (*none, error) {
	return nil, a.o.Practice.ArchiveClient(ctx, sc, in.id())
}

func (a *API) restoreClient(ctx context.Context, sc store.Scope, in *ClientPath) (*clientOut, error) {
	c, err := a.o.Practice.RestoreClient(ctx, sc, in.id())
	if err != nil {
		return nil, err
	}
	return &clientOut{clientOf(c)}, nil
}
