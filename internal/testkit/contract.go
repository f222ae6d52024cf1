package testkit

import (
	"strconv"
)

// Declared fails the test when the API's document does not name the status
// for the operation behind a method and a path. Addresses that the document
// does not have, and answers given before an operation is found (405 and 404
// of addresses), are passed over.
func (k *Kit) Declared(method, path string, status int) {
	k.T.Helper()
	op := k.Contract().Operation(method, k.path(path))
	responses, _ := op["responses"].(map[string]any)
	if op != nil && responses[strconv.Itoa(status)] == nil {
		k.T.Errorf("%s %s answers %d, which the document does not name", method, path, status)
	}
}
