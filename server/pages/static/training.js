// The trainers' lists: N goes to the form for a new one.
import { keys } from "./site.js";

keys({
  n: () => {
    const form = document.querySelector("form[aria-labelledby=new]");
    form?.scrollIntoView({ block: "start" });
    form?.querySelector("input:not([type=hidden])")?.focus();
  },
});
