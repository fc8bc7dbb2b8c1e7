// Runs only where JavaScript modules do not: says so.
var blocked = document.getElementById('blocked');
function tell() {
  blocked = document.getElementById('blocked');
  blocked.textContent = 'This browser is too old for the page: it needs JavaScript modules and WebAssembly.';
  blocked.hidden = false;
}
if (blocked) tell();
else document.addEventListener('DOMContentLoaded', tell);
