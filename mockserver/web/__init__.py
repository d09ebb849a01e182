"""The mock provider over HTTP: a control API, live changes and the console, all on the same façade (`engine`)."""
