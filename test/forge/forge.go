// Package forge is a fake of the parts of the GitHub and GitLab APIs that a comment and changed-files need. Both
// APIs work on the same comments and the same request, which pull.go has.
package forge

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
)

// User is the owner of a token.
type User struct {
	ID    int64
	Login string
	// App marks the token of a GitHub job: its comments are a bot's, and it cannot ask
	// who it is.
	App bool
	// ReadOnly marks a token without write permission.
	ReadOnly bool
}

// Comment is a stored comment.
type Comment struct {
	ID     int64  `json:"id"`
	Author string `json:"author"`
	Body   string `json:"body"`
	// Updates counts how often it was changed.
	Updates int  `json:"updates"`
	System  bool `json:"-"` // a note written by GitLab itself
}

// Request is a request that was received.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	Body                string
}

// Forge is the fake. Set its fields before the first request.
type Forge struct {
	Users map[string]User // by token
	// Max is the page size limit; 0 means 100.
	Max int
	// NoLinks leaves out the headers that point to the next page.
	NoLinks bool
	// NoPages returns all comments on every page.
	NoPages bool
	// Pull is the pull or merge request, as far as it is not its comments.
	Pull Pull
	// Intercept answers a request instead of the fake when it returns true.
	Intercept func(w http.ResponseWriter, r *http.Request) bool

	mu       sync.Mutex
	next     int64
	comments []Comment
	requests []Request
}

// Write adds a comment by the named user and returns its ID.
func (f *Forge) Write(login, body string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.add(login, body).ID
}

func (f *Forge) add(login, body string) Comment {
	f.next++
	f.comments = append(f.comments, Comment{ID: f.next, Author: login, Body: body, System: login == ""})
	return f.comments[len(f.comments)-1]
}

// Comments returns all comments, oldest first.
func (f *Forge) Comments() []Comment {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Comment(nil), f.comments...)
}

// Requests returns all requests so far.
func (f *Forge) Requests() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Request(nil), f.requests...)
}

// ServeHTTP implements http.Handler.
func (f *Forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(sent)))
	f.mu.Lock()
	f.requests = append(f.requests, Request{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Clone(), string(sent)})
	f.mu.Unlock()
	if f.Intercept != nil && f.Intercept(w, r) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /user", f.github(f.self))
	mux.HandleFunc("POST /graphql", f.github(f.viewer))
	mux.HandleFunc("POST /api/graphql", f.github(f.viewer))
	mux.HandleFunc("GET /repos/{owner}/{name}/issues/{number}/comments", f.github(f.list))
	mux.HandleFunc("POST /repos/{owner}/{name}/issues/{number}/comments", f.github(f.create))
	mux.HandleFunc("PATCH /repos/{owner}/{name}/issues/comments/{id}", f.github(f.update))
	mux.HandleFunc("GET /api/v4/user", f.gitlab(f.self))
	mux.HandleFunc("GET /api/v4/projects/{project}/merge_requests/{number}/notes", f.gitlab(f.list))
	mux.HandleFunc("POST /api/v4/projects/{project}/merge_requests/{number}/notes", f.gitlab(f.create))
	mux.HandleFunc("PUT /api/v4/projects/{project}/merge_requests/{number}/notes/{id}", f.gitlab(f.update))
	mux.HandleFunc("GET /repos/{owner}/{name}/pulls/{number}", f.github(f.pull))
	mux.HandleFunc("GET /repos/{owner}/{name}/pulls/{number}/files", f.github(f.files))
	mux.HandleFunc("GET /repos/{owner}/{name}/contents/{path...}", f.github(f.content))
	mux.HandleFunc("GET /api/v4/projects/{project}/merge_requests/{number}", f.gitlab(f.pull))
	mux.HandleFunc("GET /api/v4/projects/{project}/merge_requests/{number}/diffs", f.gitlab(f.files))
	mux.HandleFunc("GET /api/v4/projects/{project}/repository/files/{path}", f.gitlab(f.content))
	mux.ServeHTTP(w, r)
}

// exchange is one user's request to one of the two APIs.
type exchange struct {
	w      http.ResponseWriter
	r      *http.Request
	user   User
	gitlab bool
}

func (f *Forge) github(handle func(exchange)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		f.as(token, exchange{w: w, r: r}, handle)
	}
}

func (f *Forge) gitlab(handle func(exchange)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.as(r.Header.Get("PRIVATE-TOKEN"), exchange{w: w, r: r, gitlab: true}, handle)
	}
}

func (f *Forge) as(token string, e exchange, handle func(exchange)) {
	user, ok := f.Users[token]
	if !ok {
		e.fail(http.StatusUnauthorized, "Bad credentials")
		return
	}
	e.user = user
	handle(e)
}

func (f *Forge) self(e exchange) {
	if e.user.App {
		e.fail(http.StatusForbidden, "Resource not accessible by integration")
		return
	}
	e.answer(http.StatusOK, e.person(e.user.Login, e.user.ID))
}

// viewer answers the one query of the GraphQL API that is asked.
func (f *Forge) viewer(e exchange) {
	e.answer(http.StatusOK, map[string]any{"data": map[string]any{"viewer": map[string]any{"login": e.user.Login}}})
}

func (f *Forge) list(e exchange) {
	start, end := f.page(e, len(f.comments))
	all := []any{}
	for _, c := range f.comments[start:end] {
		all = append(all, f.shown(e, c))
	}
	e.answer(http.StatusOK, all)
}

// page is the part of a list that a request asks for. It says in the header whether there is more.
func (f *Forge) page(e exchange, total int) (start, end int) {
	query := e.r.URL.Query()
	page, _ := strconv.Atoi(query.Get("page"))
	size, _ := strconv.Atoi(query.Get("per_page"))
	size = min(max(size, 1), 100)
	if f.Max > 0 {
		size = min(size, f.Max)
	}
	start = min((max(page, 1)-1)*size, total)
	end = min(start+size, total)
	if f.NoPages {
		start, end = 0, total
	}
	if e.gitlab && !f.NoLinks {
		e.w.Header().Set("X-Next-Page", "") // as on the last page
	}
	if end < total && !f.NoLinks {
		next := max(page, 1) + 1
		e.w.Header().Set("X-Next-Page", strconv.Itoa(next))
		e.w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?page=%d&per_page=%d>; rel="next"`, e.r.Host, e.r.URL.Path, next, size))
	}
	return start, end
}

func (f *Forge) create(e exchange) {
	if body, ok := e.text(); ok {
		e.answer(http.StatusCreated, f.shown(e, f.add(e.user.Login, body)))
	}
}

func (f *Forge) update(e exchange) {
	body, ok := e.text()
	if !ok {
		return
	}
	id, _ := strconv.ParseInt(e.r.PathValue("id"), 10, 64)
	for i := range f.comments {
		c := &f.comments[i]
		switch {
		case c.ID != id:
			continue
		case c.Author != e.user.Login:
			e.fail(http.StatusForbidden, "Must be the author")
		default:
			c.Body = body
			c.Updates++
			e.answer(http.StatusOK, f.shown(e, *c))
		}
		return
	}
	e.fail(http.StatusNotFound, "Not Found")
}

// text reads the comment in the request. It answers with the error and returns false if
// the API would refuse it.
func (e exchange) text() (string, bool) {
	if e.user.ReadOnly {
		e.fail(http.StatusForbidden, "Resource not accessible by integration")
		return "", false
	}
	var sent struct{ Body string }
	err := json.NewDecoder(e.r.Body).Decode(&sent)
	limit := 65_536
	if e.gitlab {
		limit = 1_000_000
	}
	if err != nil || sent.Body == "" || len([]rune(sent.Body)) > limit {
		e.fail(http.StatusUnprocessableEntity, "Validation Failed")
		return "", false
	}
	return sent.Body, true
}

// shown returns a comment in the form of one API or the other.
func (f *Forge) shown(e exchange, c Comment) any {
	id := int64(1_000_000)
	for _, user := range f.Users {
		if user.Login == c.Author {
			id = user.ID
		}
	}
	author := e.person(c.Author, id)
	if e.gitlab {
		return map[string]any{"id": c.ID, "body": c.Body, "author": author, "system": c.System}
	}
	url := fmt.Sprintf("https://github.example.com/acme/bot/pull/7#issuecomment-%d", c.ID)
	return map[string]any{"id": c.ID, "body": c.Body, "user": author, "html_url": url}
}

func (e exchange) person(login string, id int64) any {
	kind := "User"
	if strings.HasSuffix(login, "[bot]") {
		kind = "Bot"
	}
	return map[string]any{"id": id, "login": login, "username": login, "type": kind}
}

func (e exchange) fail(status int, message string) {
	e.answer(status, map[string]any{"message": message})
}

func (e exchange) answer(status int, body any) {
	e.w.Header().Set("Content-Type", "application/json")
	e.w.WriteHeader(status)
	_ = json.NewEncoder(e.w).Encode(body)
}

// RoundTrip implements http.RoundTripper: requests to the fake without a network.
func (f *Forge) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}
