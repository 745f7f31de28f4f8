// Package markdown writes a judged run as Markdown: summary.go for the job summary of GitHub and
// for GitLab, comment.go for a comment on a pull or merge request. calls.go, sections.go and
// pictures.go are the sections of a summary; page.go is the Markdown, cut at a limit of bytes so
// that what opens is closed. Only spans of page.go get onto a page, so that a stranger's text goes
// through the door of cells. Posting a comment is the business of package comment.
package markdown
