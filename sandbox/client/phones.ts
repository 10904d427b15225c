document.title = "phones";
