"""Two receivers to watch the battery at work, of the standard library alone: `right` conforms, `wrong` does not."""
