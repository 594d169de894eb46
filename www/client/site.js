// What every page does once it is there. Each part finds what it needs, or leaves the page as it is.
import { copyButtons } from "./copy.js";
import { followReading, openContents } from "./contents.js";
import { menu } from "./menu.js";
import { keepOffline } from "./offline.js";
import { reachScrollers } from "./scrollers.js";
import { searchButton } from "./search-button.js";
import { themeSwitch } from "./theme-switch.js";

themeSwitch();
menu();
searchButton();
openContents();
followReading();
copyButtons();
reachScrollers();
keepOffline(new URL("../sw.js", import.meta.url));
