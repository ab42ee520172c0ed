"""サイトの書き出し: the public site as signed files, for any web server."""
