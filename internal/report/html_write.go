package report

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

// htmlFiles are the page, its style and its scripts.
//
//go:embed page
var htmlFiles embed.FS

// HTML writes the report as one page that asks nothing of any server: style, scripts
// and data stand in it, and its Content-Security-Policy forbids everything else. The
// verdict, the criteria, the scenarios and the worst calls are plain HTML; the script
// makes all calls searchable, up to [HTMLCalls] of them and [HTMLDataLimit] bytes, worst
// first, and the page counts those that it leaves out.
func HTML(w io.Writer, r Report) error {
	if err := writeHTML(w, r, dataLimit{calls: HTMLCalls, bytes: HTMLDataLimit}); err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	return nil
}

func writeHTML(w io.Writer, r Report, limit dataLimit) error {
	pages, err := template.ParseFS(htmlFiles, "page/*.tmpl")
	if err != nil {
		return err
	}
	assets, err := loadAssets()
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(w, BufferSize)
	if err := pages.ExecuteTemplate(buffered, "page", newHTMLPage(r, assets, newHTMLCalls(buffered, r, limit))); err != nil {
		return err
	}
	return buffered.Flush()
}

// htmlAssets are the style and scripts as they stand in the page.
type htmlAssets struct {
	Style  template.CSS
	Theme  template.JS // runs before anything is painted
	Script template.JS // runs when everything is there
	// Policy is the page's Content-Security-Policy. It names the style and the scripts
	// by their hashes, so that no other can run, even if one got into the page.
	Policy string
}

func loadAssets() (htmlAssets, error) {
	var failed error
	read := func(name string) string {
		b, err := htmlFiles.ReadFile("page/" + name)
		if err != nil {
			failed = err
		}
		return string(b)
	}
	style, theme, script := read("style.css"), read("theme.js"), read("script.js")
	return htmlAssets{
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
