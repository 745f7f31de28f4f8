// Package html writes a judged run as one page of HTML that asks nothing of any server. write.go
// puts together the page, whose templates, style and scripts are in the folder page; page.go is
// what the templates get, and criteria.go, calls.go, run.go and scores.go its sections; data.go is
// what the script gets; chart.go draws, talk.go is for transcripts, and words.go has the door for a
// stranger's text. Nothing is marked as safe for html/template but the files of page.
package html

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
)

// pageFiles are the page, its style and its scripts.
//
//go:embed page
var pageFiles embed.FS

// Write writes the report as one page that asks nothing of any server: style, scripts
// and data stand in it, and its Content-Security-Policy forbids everything else. The
// verdict, the criteria, the scenarios and the worst calls are plain Write; the script makes
// all calls searchable, worst first, and the page counts those for which there is no room.
func Write(w io.Writer, r report.Report) error {
	if err := writeUpTo(w, r, dataLimit{calls: dataCalls, bytes: dataBytes}); err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	return nil
}

func writeUpTo(w io.Writer, r report.Report, limit dataLimit) error {
	pages, err := template.ParseFS(pageFiles, "page/*.tmpl")
	if err != nil {
		return err
	}
	assets, err := loadAssets()
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(w, report.BufferSize)
	if err := pages.ExecuteTemplate(buffered, "page", newPage(r, assets, newCalls(buffered, r, limit))); err != nil {
		return err
	}
	return buffered.Flush()
}

// pageAssets are the style and scripts as they stand in the page.
type pageAssets struct {
	Style  template.CSS
	Theme  template.JS // runs before anything is painted
	Script template.JS // runs when everything is there
	// Policy is the page's Content-Security-Policy. It names the style and the scripts
	// by their hashes, so that no other can run, even if one got into the page.
	Policy string
}

func loadAssets() (pageAssets, error) {
	var failed error
	read := func(name string) string {
		b, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			failed = err
		}
		return string(b)
	}
	style, theme, script := read("style.css"), read("theme.js"), read("script.js")
	return pageAssets{
		Style: template.CSS(style), Theme: template.JS(theme), Script: template.JS(script),
		Policy: "default-src 'none'; img-src data:; style-src " + sourceHash(style) +
			"; script-src " + sourceHash(theme) + " " + sourceHash(script) +
			"; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'",
	}, failed
}

// sourceHash names an inline style or script in a Content-Security-Policy.
func sourceHash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
