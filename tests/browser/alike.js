// Finds the parts of a page in which nothing is new: `window.alike`, for axe to leave out. Returns whether there is more.
//
// An element is known by the tags, classes and states on the way down to it, not by its words. `seen` says how often
// each kind was met on earlier pages; the counts are returned, too, with this page's added, both as JSON.
seen => {
    const LOOKS = 2;  // an element, and one like it beside it
    const TOLD = ['aria-current', 'aria-expanded', 'aria-hidden', 'aria-invalid', 'aria-pressed', 'class', 'fill', 'lang',
        'role', 'scope', 'stroke', 'style', 'tabindex', 'type'];
    const counts = new Map(JSON.parse(seen));

    // The values of these attributes; of the others only whether they say anything.
    const attribute = ({name, value}) => `${name}=${TOLD.includes(name) ? value : value.trim() !== ''}`;
    const hasText = element => [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const look = element => [
        element.tagName, ...[...element.attributes].map(attribute).sort(), hasText(element), element.matches(':checked')
    ].join();
    const short = text => [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.codePointAt(0)) | 0, 0);

    // Adds an element and what is in it. True when all of it was met before; else its parts of which that is true are kept.
    const met = (element, above) => {
        const kind = short(`${above}>${look(element)}`), times = counts.get(kind) ?? 0;
        counts.set(kind, times + 1);
        const old = [...element.children].filter(child => met(child, kind));
        if (times >= LOOKS && old.length === element.children.length) return true;
        window.alike.push(...old.filter(child => child.tagName !== 'OPTION'));  // hundreds, and nobody sees them apart
        return false;
    };
    window.alike = [];
    const isNew = !met(document.body, 0);
    return [JSON.stringify([...counts]), isNew];
}
