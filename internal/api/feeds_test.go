package api_test

import (
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/testkit"
)

func makeFeed(w *world) string {
	header := w.member
	if w.user.ID == w.Assistant1.ID {
		header = w.owner
	}
	return w.post(header, "/feeds", fields{"privacy": "first_name"})["id"].(string)
}

func TestFeedShowsAsMuchAsItsPrivacyAllows(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		k.Do(http.MethodPost, "/appointments", header, fields{
			"client_id": k.Client1.ID.String(), "starts_at": "2026-02-03T10:00:00Z", "ends_at": "2026-02-03T11:00:00Z",
		}).Want(k, 201)
		for privacy, want := range map[string]string{"busy": "SUMMARY:Busy", "initials": "SUMMARY:J.D.", "first_name": "SUMMARY:John"} {
			made := k.Do(http.MethodPost, "/feeds", header, fields{"privacy": privacy}).Want(k, 201).Map(k)
			path := made["path"].(string)
			res := k.Get(path, nil).Want(k, 200)
			if !strings.Contains(string(res.Body), want+"\r\n") || strings.Contains(string(res.Body), "Doe") {
				t.Errorf("%s: %s", privacy, res.Body)
			}
			k.Get(path, http.Header{"If-None-Match": {res.Header.Get("ETag")}}).Want(k, 304)
			k.Do(http.MethodDelete, "/feeds/"+made["id"].(string), header, nil).Want(k, 204)
			k.Get(path, nil).WantCode(k, 404, "not_found")
		}
	})
}
