package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/danielgtaylor/huma/v2"
)

// Feed is a calendar feed of the caller.
type Feed struct {
	ID        string    `json:"id" format:"uuid"`
	Privacy   string    `json:"privacy" enum:"busy,initials,first_name" doc:"What it says of a visit."`
	CreatedAt time.Time `json:"created_at"`
}

func feedOf(f model.Feed) Feed { return Feed{f.ID.String(), f.Privacy, f.CreatedAt} }

type feedsOut struct{ Body []Feed }

func (a *API) listFeeds(ctx context.Context, sc store.Scope, _ *none) (*feedsOut, error) {
	all, err := a.o.Practice.ListFeeds(ctx, sc)
	if err != nil {
		return nil, err
	}
	out := &feedsOut{make([]Feed, len(all))}
	for i, f := range all {
		out.Body[i] = feedOf(f)
	}
	return out, nil
}

type feedIn struct {
	Privacy string `json:"privacy" enum:"busy,initials,first_name"`
}

// CreatedFeed is a feed with its secret address.
type CreatedFeed struct {
	Feed
	Path string `json:"path" doc:"The address to subscribe to, without the host. It is the secret, and shown this once."`
}

type createFeedOut struct{ Body CreatedFeed }

func (a *API) createFeed(ctx context.Context, sc store.Scope, _ *none) (*createFeedOut, error) {
	var b feedIn
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	f, token, err := a.o.Practice.CreateFeed(ctx, sc, model.Feed{Privacy: b.Privacy})
	if err != nil {
		return nil, err
	}
	return &createFeedOut{CreatedFeed{feedOf(f), Base + "/calendar/" + token + ".ics"}}, nil
}

type feedPath struct {
	ID string `path:"id" format:"uuid"`
}

func (a *API) revokeFeed(ctx context.Context, sc store.Scope, in *feedPath) (*none, error) {
	return nil, a.o.Practice.RevokeFeed(ctx, sc, idOf(in.ID))
}

type readFeedIn struct {
	Token       string `path:"token" doc:"The secret, with .ics behind it."`
	IfNoneMatch string `header:"If-None-Match" maxLength:"200"`
}

type readFeedOut struct {
	ContentType  string `header:"Content-Type"`
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         func(huma.Context)
}

// readFeed answers whoever knows the secret. Calendars ask again and again, so
// what they have already is not sent twice.
func (a *API) readFeed(ctx context.Context, in *readFeedIn) (*readFeedOut, error) {
	q := requestOf(ctx)
	text, err := a.o.Practice.ReadFeed(ctx, strings.TrimSuffix(in.Token, ".ics"), q.id)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	out := &readFeedOut{
		ContentType: "text/calendar; charset=utf-8", CacheControl: "private, no-cache",
		ETag: `"` + hex.EncodeToString(sum[:16]) + `"`,
	}
	out.Body = func(hc huma.Context) {
		if matches(in.IfNoneMatch, out.ETag) {
			hc.SetStatus(http.StatusNotModified)
			return
		}
		if _, err := hc.BodyWriter().Write(text); err != nil {
			a.o.Log.Debug("answer not delivered", "request", q.id, "error", err)
		}
	}
	return out, nil
}

// matches reports whether one of the tags that a caller holds is the current.
func matches(held, current string) bool {
	for tag := range strings.SplitSeq(held, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == current {
			return true
		}
	}
	return false
}
