// Package api translates: JSON over HTTP into calls of practice and auth, and
// their results and refusals back. The whole surface is in routes.go. It
// decides nothing about a practice and reaches the store only through a Scope
// that sign-in has made.
package api
