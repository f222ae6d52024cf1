package web

// unbuiltPage stands in for the application in a binary that was built without it.
func unbuiltPage() *file {
	return &file{
		plain:       []byte(unbuiltHTML),
		contentType: contentTypes[".html"],
		hash:        "unbuilt",
		policy:      pagePolicy,
		page:        true,
		uncached:    true,
	}
}

// unbuiltHTML carries no style, as the policy allows none inline; it must be readable, not pretty.
const unbuiltHTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>PazPaz: page not built</title>
</head>
<body>
<main>
<h1>The web page is not in this binary</h1>
<p>The server is running and its API works, but this binary was built without the page.</p>
<p>To add it, run this in the source folder and start the new binary:</p>
<pre>make page build</pre>
</main>
</body>
</html>
`
