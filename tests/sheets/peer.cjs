// Reads or writes the benchmark's sheet with SheetJS or exceljs: peer.cjs PROGRAM read|write FILE [ROWS.json].
// Prints what it cost: seconds of the processor from the first cell on, the reading of ROWS.json apart, and peak memory.

const fs = require("fs");

const [program, what, path, given] = process.argv.slice(2);
const rows = given ? JSON.parse(fs.readFileSync(given, "utf8")) : null;

const programs = {
  sheetjs: {
    load: () => require("xlsx"),
    read: (XLSX) => {
      const book = XLSX.readFile(path, { dense: true });
      return XLSX.utils.sheet_to_json(book.Sheets[book.SheetNames[0]]).length;
    },
    write: (XLSX) => {
      const book = XLSX.utils.book_new();
      XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(rows, { dense: true }), "accounts");
      XLSX.writeFile(book, path, { bookSST: true, compression: true });
      return rows.length - 1;
    },
  },
  exceljs: {
    load: () => require("exceljs"),
    read: async (ExcelJS) => {
      let count = 0;
      for await (const sheet of new ExcelJS.stream.xlsx.WorkbookReader(path, {})) {
        for await (const row of sheet) count += row.values ? 1 : 0;
      }
      return count - 1;
    },
    write: async (ExcelJS) => {
      const book = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: path });
      const sheet = book.addWorksheet("accounts");
      for (const row of rows) sheet.addRow(row).commit();
      await book.commit();
      return rows.length - 1;
    },
  },
};

(async () => {
  const library = programs[program].load();
  const before = process.cpuUsage();
  const count = await programs[program][what](library);
  const used = process.cpuUsage(before);
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ rows: count, cpu_s: (used.user + used.system) / 1e6, peak_mb: peak }));
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
