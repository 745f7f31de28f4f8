// Package markdown writes a judged run as Markdown: summary.go for the job summary of GitHub
// and for GitLab, comment.go for a comment on a pull or merge request. The sections of a
// summary are in calls.go, sections.go and pictures.go. page.go limits the size and closes what
// it opens. Only the spans of page.go get onto a page, so untrusted text has to go through the
// door of cells. Package comment posts the comment.
package markdown
