// Formulas to MathML, by the MathJax of the site: a line of JSON in, a line of JSON out. Run by book/ext/epub.py.
const [folder, macros] = process.argv.slice(2);
require(`${folder}/es5/node-main.js`)
  .init({
    loader: { paths: { mathjax: `${folder}/es5` }, load: ["adaptors/liteDOM", "input/tex-full"], versionWarnings: false },
    tex: { macros: JSON.parse(macros), packages: ["base", "ams", "boldsymbol", "configmacros", "newcommand"] },
  })
  .then((MathJax) =>
    require("readline")
      .createInterface({ input: process.stdin })
      .on("line", (line) => {
        const { tex, display } = JSON.parse(line);
        console.log(JSON.stringify(MathJax.tex2mml(tex, { display })));
      }),
  );
