// Saves the rows that come as JSON on standard input as a sheet, with SheetJS or exceljs: save.cjs PROGRAM FILE.
// The packages lie in the folder that NODE_PATH names.

const fs = require("fs");

const [program, path] = process.argv.slice(2);
const rows = JSON.parse(fs.readFileSync(0, "utf8"));

function sheetjs(bookType, options = {}) {
  const XLSX = require("xlsx");
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(rows), "accounts");
  XLSX.writeFile(book, path, { bookType, ...options });
}

async function exceljs() {
  const ExcelJS = require("exceljs");
  const book = new ExcelJS.Workbook();
  book.addWorksheet("accounts").addRows(rows);
  await book.xlsx.writeFile(path);
}

const programs = {
  "sheetjs-xlsx": () => sheetjs("xlsx"),
  "sheetjs-xlsx-shared": () => sheetjs("xlsx", { bookSST: true, compression: true }),
  "sheetjs-xlsm": () => sheetjs("xlsm"),
  "sheetjs-xls": () => sheetjs("biff8"),
  "sheetjs-ods": () => sheetjs("ods"),
  "sheetjs-xlsb": () => sheetjs("xlsb"),
  "sheetjs-csv": () => sheetjs("csv", { FS: ";" }),
  "sheetjs-txt": () => sheetjs("txt"),
  exceljs,
};

if (!programs[program]) {
  console.error(`no such program: ${program}`);
  process.exit(2);
}
Promise.resolve(programs[program]()).catch((error) => {
  console.error(error);
  process.exit(1);
});
