// Signing in: the token of the address (`#token=…`, which never leaves the browser by itself) becomes a session.

const form = document.getElementById("sign-in");
const error = form.querySelector(".error");

const enter = async (token) => {
  const answer = await fetch("/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (answer.ok) {
    history.replaceState(null, "", location.pathname + location.search);
    location.reload();
    return;
  }
  error.textContent = (await answer.json()).detail;
  error.hidden = false;
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  enter(form.elements.token.value.trim());
});

const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) enter(token);
