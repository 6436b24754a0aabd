//! What the gateway says to people, in Peruvian Spanish and in English: what happened, then what to do.

use kernel::Locale;

use crate::error::Slug;

/// One sentence in both languages.
#[derive(Clone, Copy)]
struct Text {
    es: &'static str,
    en: &'static str,
}

impl Text {
    fn in_(self, locale: Locale) -> &'static str {
        match locale {
            Locale::Es => self.es,
            Locale::En => self.en,
        }
    }
}

const fn text(es: &'static str, en: &'static str) -> Text {
    Text { es, en }
}

/// A problem's short name.
pub(crate) fn title(slug: Slug, locale: Locale) -> &'static str {
    titles(slug).in_(locale)
}

/// A problem's sentence: by its reason where there is one to say, by its slug otherwise.
pub(crate) fn detail(slug: Slug, reason: Option<&str>, locale: Locale) -> &'static str {
    reason.and_then(|reason| by_reason(slug, reason)).unwrap_or_else(|| details(slug)).in_(locale)
}

/// Why a message did not go out or did not arrive, in a sentence; `None` where nothing went wrong.
pub(crate) fn message_reason(reason: &str, locale: Locale) -> Option<&'static str> {
    (!reason.is_empty()).then(|| message_reasons(reason).in_(locale))
}

/// Why a phone was not told of a change, in a sentence; `None` where nothing went wrong.
pub(crate) fn push_reason(reason: &str, locale: Locale) -> Option<&'static str> {
    (!reason.is_empty()).then(|| push_reasons(reason).in_(locale))
}

fn titles(slug: Slug) -> Text {
    match slug {
        Slug::Malformed => text("Mensaje ilegible", "Unreadable message"),
        Slug::Invalid => text("Dato por corregir", "Something to correct"),
        Slug::Unauthenticated => text("Sesión terminada", "Not signed in"),
        Slug::InvalidCredentials => text("Datos incorrectos", "Wrong details"),
        Slug::Forbidden => text("Sin permiso", "Not allowed"),
        Slug::NotFound => text("No existe", "Not found"),
        Slug::Conflict => text("Ya existe o cambió", "Taken or changed"),
        Slug::LimitReached => text("Límite alcanzado", "Limit reached"),
        Slug::OperationMismatch => text("Operación repetida con otros datos", "Same operation, other data"),
        Slug::RewardNotOpen => text("Premio no disponible", "Reward not open"),
        Slug::AlreadyVoided => text("Sello ya anulado", "Stamp already undone"),
        Slug::RewardRedeemed => text("Premio ya entregado", "Reward already handed over"),
        Slug::UndoTooLate => text("Pasó el minuto para deshacer", "Too late to undo"),
        Slug::ScanExpired => text("Lectura vencida", "Scan expired"),
        Slug::CodeInvalid => text("Código no válido", "Code not valid"),
        Slug::CodeRevoked => text("Código reemplazado", "Code replaced"),
        Slug::ProgramInactive => text("Programa cerrado", "Program closed"),
        Slug::NoProgram => text("Falta tu tarjeta", "No card yet"),
        Slug::MessagingOff => text("WhatsApp apagado", "WhatsApp is off"),
        Slug::MessagingNotApproved => text("WhatsApp por aprobar", "WhatsApp not approved"),
        Slug::WindowClosed => text("Pasaron las 24 horas", "The 24 hours are over"),
        Slug::BatchSignature => text("Firma no válida", "Signature not valid"),
        Slug::Locked => text("Demasiados intentos fallidos", "Too many wrong tries"),
        Slug::RateLimited => text("Demasiadas solicitudes", "Too many requests"),
        Slug::TooLarge => text("Demasiado grande", "Too large"),
        Slug::Unsupported => text("Formato no aceptado", "Format not accepted"),
        Slug::Method => text("Método no aceptado", "Method not accepted"),
        Slug::Busy => text("Mucha demanda", "Busy"),
        Slug::Unavailable => text("Servicio en pausa", "Service away"),
        Slug::Internal => text("Falla nuestra", "Our fault"),
    }
}

fn details(slug: Slug) -> Text {
    match slug {
        Slug::Malformed => text(
            "No pudimos leer lo que llegó. Actualiza la página y prueba de nuevo.",
            "We could not read what came. Refresh the page and try again.",
        ),
        Slug::Invalid => text("Hay un dato por corregir.", "There is something to correct."),
        Slug::Unauthenticated => {
            text("Tu sesión terminó. Vuelve a entrar.", "Your session ended. Sign in again.")
        }
        Slug::InvalidCredentials => text(
            "Los datos no coinciden. Revísalos y prueba de nuevo.",
            "The details do not match. Check them and try again.",
        ),
        Slug::Forbidden => text(
            "No tienes permiso para esto. Pídeselo al dueño del negocio.",
            "You are not allowed to do this. Ask the owner of the business.",
        ),
        Slug::NotFound => {
            text("No lo encontramos. Revisa el enlace.", "We could not find it. Check the link.")
        }
        Slug::Conflict => text(
            "Esto ya existe o cambió mientras lo veías. Actualiza y prueba de nuevo.",
            "This exists already or changed while you were looking. Refresh and try again.",
        ),
        Slug::LimitReached => {
            text("Se alcanzó un límite del programa.", "A limit of the program was reached.")
        }
        Slug::OperationMismatch => text(
            "Esta operación ya se hizo con otros datos. Empieza una nueva.",
            "This operation was done with other data. Begin a new one.",
        ),
        Slug::RewardNotOpen => {
            text("Este premio ya no se puede entregar.", "This reward cannot be handed over any more.")
        }
        Slug::AlreadyVoided => text(
            "Este sello ya se anuló antes. No hay nada más que hacer.",
            "This stamp was undone before. There is nothing left to do.",
        ),
        Slug::RewardRedeemed => text(
            "Con este sello ya se entregó un premio. Primero deshaz la entrega.",
            "A reward of this stamp was handed over. Undo that first.",
        ),
        Slug::UndoTooLate => text(
            "Pasó más de un minuto. Pide a un encargado que lo anule.",
            "More than a minute has passed. Ask a manager to undo it.",
        ),
        Slug::ScanExpired => text(
            "La lectura venció. Escanea la tarjeta otra vez.",
            "The scan has expired. Scan the card again.",
        ),
        Slug::CodeInvalid => text(
            "Este código no es de una tarjeta de este negocio.",
            "This code is not of a card of this business.",
        ),
        Slug::CodeRevoked => text(
            "Este código fue reemplazado. Pide a la persona que abra su tarjeta y muestre el nuevo.",
            "This code was replaced. Ask the person to open the card and show the new one.",
        ),
        Slug::ProgramInactive => text(
            "Este programa no recibe tarjetas ni sellos por ahora.",
            "This program takes no cards or stamps for now.",
        ),
        Slug::NoProgram => text(
            "El afiche dice qué regalas, y no tienes ninguna tarjeta en marcha. Haz una o reanúdala.",
            "The poster says what you give, and no card of yours is running. Make one or resume it.",
        ),
        Slug::MessagingOff => text(
            "Aquí no se envían mensajes de WhatsApp por ahora.",
            "No WhatsApp messages are sent from here for now.",
        ),
        Slug::MessagingNotApproved => text(
            "Tu negocio todavía no puede enviar por WhatsApp. Escríbenos para activarlo.",
            "Your business may not send by WhatsApp yet. Write to us to turn it on.",
        ),
        Slug::WindowClosed => text(
            "Pasaron más de 24 horas desde su último mensaje. Puedes responder cuando vuelva a escribir.",
            "The last message is more than 24 hours old. You can answer once there is a new one.",
        ),
        Slug::BatchSignature => text(
            "Los sellos guardados no llevan la firma de esta caja. Vuelve a vincularla.",
            "The stored stamps are not signed by this till. Pair it again.",
        ),
        Slug::Locked => text(
            "Hubo varios intentos fallidos. Espera 15 minutos y prueba de nuevo.",
            "Several tries failed. Wait 15 minutes and try again.",
        ),
        Slug::RateLimited => text(
            "Van muchos intentos seguidos. Espera un momento y prueba de nuevo.",
            "Too many tries in a row. Wait a moment and try again.",
        ),
        Slug::TooLarge => text("Lo enviado es demasiado grande.", "What was sent is too large."),
        Slug::Unsupported => text("Ese formato no se acepta aquí.", "That format is not accepted here."),
        Slug::Method => {
            text("Esa dirección existe, pero no para esto.", "That address exists, but not for this.")
        }
        Slug::Busy => text(
            "Hay mucha demanda en este momento. Prueba de nuevo en unos segundos.",
            "It is very busy right now. Try again in a few seconds.",
        ),
        Slug::Unavailable => text(
            "El servicio está en pausa un momento. Prueba de nuevo en unos segundos.",
            "The service is resting for a moment. Try again in a few seconds.",
        ),
        Slug::Internal => text(
            "Algo falló de nuestro lado. Prueba de nuevo en un momento.",
            "Something failed on our side. Try again in a moment.",
        ),
    }
}

/// What is worth saying more exactly than the slug does.
fn by_reason(slug: Slug, reason: &str) -> Option<Text> {
    match slug {
        Slug::Invalid => field_reason(reason),
        Slug::Malformed => malformed_reason(reason),
        Slug::LimitReached => limit_reason(reason),
        Slug::RewardNotOpen => reward_state(reason),
        Slug::Conflict => conflict_reason(reason),
        Slug::Unauthenticated if reason == "not_paired" => Some(text(
            "Esta caja ya no está vinculada. Vincúlala de nuevo desde el panel.",
            "This till is not paired any more. Pair it again from the panel.",
        )),
        _ => None,
    }
}

/// What the makers of both wallets and we ourselves call the same few things.
fn push_reasons(reason: &str) -> Text {
    match reason {
        "unreachable"
        | "500"
        | "502"
        | "503"
        | "504"
        | "Shutdown"
        | "InternalServerError"
        | "ServiceUnavailable" => text("La billetera no respondía.", "The wallet did not answer."),
        "timeout" => {
            text("La billetera tardó demasiado en responder.", "The wallet took too long to answer.")
        }
        "too_often" => text("La billetera pidió ir más despacio.", "The wallet asked us to slow down."),
        "certificate" | "credentials" => text(
            "La billetera no acepta el permiso de la plataforma. Lo arregla quien la administra.",
            "The wallet does not accept the platform's permission. Whoever runs the platform mends it.",
        ),
        "missing" => {
            text("La billetera ya no encuentra esta tarjeta.", "The wallet no longer finds this card.")
        }
        _ => text("La billetera rechazó el cambio.", "The wallet refused the change."),
    }
}

fn message_reasons(reason: &str) -> Text {
    match reason {
        "no_consent" => {
            text("No dio permiso para recibir promociones.", "There is no permission to send promotions.")
        }
        "opted_out" => text("Pidió no recibir más promociones.", "No more promotions were wanted."),
        "erased" => text("Sus datos se borraron.", "The person's data was erased."),
        "budget" => text(
            "Se acabó el presupuesto de mensajes. Súbelo o espera a que empiece el siguiente.",
            "The budget for messages is used up. Raise it, or wait for the next one.",
        ),
        "tier" => text(
            "WhatsApp no deja escribir a más personas por hoy. Sigue mañana.",
            "WhatsApp lets us write to no more people today. It goes on tomorrow.",
        ),
        "rate" => text(
            "Salían demasiados mensajes a la vez. Reinténtalo en un rato.",
            "Too many messages were going out at once. Retry in a while.",
        ),
        "marketing_cap" => text(
            "WhatsApp limita cuántas promociones recibe cada persona. Espera unos días.",
            "WhatsApp limits how many promotions each person gets. Wait a few days.",
        ),
        "experiment" => text(
            "WhatsApp la dejó fuera de promociones por una prueba suya. Usa su tarjeta en la billetera.",
            "WhatsApp keeps this person out of promotions for a test of its own. Use the card in the wallet.",
        ),
        "not_reachable" => {
            text("Ese número no está en WhatsApp. Revísalo.", "That number is not on WhatsApp. Check it.")
        }
        "blocked" => text("Bloqueó los mensajes de este número.", "Messages from this number were blocked."),
        "template" => text(
            "WhatsApp no aprobó este texto, o le falta un dato. Elige otra plantilla.",
            "WhatsApp has not approved this text, or it lacks a word. Choose another template.",
        ),
        "window_closed" => text(
            "Pasaron más de 24 horas desde su último mensaje. Solo se le puede escribir con una plantilla.",
            "Her last message is more than 24 hours old. Only a template can be sent.",
        ),
        "policy" => text("Las reglas de WhatsApp no lo permiten.", "WhatsApp's rules do not allow it."),
        "sender" => text(
            "El número que envía tiene un problema. Avísanos para revisarlo.",
            "The number that sends has a problem. Tell us, so that we look at it.",
        ),
        "provider" => text(
            "El servicio de WhatsApp falló. Reinténtalo en un rato.",
            "WhatsApp's service failed. Retry in a while.",
        ),
        "in_doubt" => text(
            "No sabemos si llegó. No se reenvía solo, para no escribir dos veces.",
            "We do not know whether it arrived. It is not sent again by itself, so that nobody gets it twice.",
        ),
        "expired" => text("Pasó su momento antes de poder salir.", "Its time had passed before it could go."),
        "campaign_canceled" => text("La campaña se canceló.", "The campaign was canceled."),
        "no_pass" | "gone" => {
            text("Ya no tiene su tarjeta en ninguna billetera.", "The card is in no wallet any more.")
        }
        _ => text("No se pudo entregar.", "It could not be delivered."),
    }
}

fn malformed_reason(reason: &str) -> Option<Text> {
    Some(match reason {
        "control_character" => text(
            "El texto lleva un carácter que no se puede guardar.",
            "The text holds a character that cannot be kept.",
        ),
        "not_a_websocket" => {
            text("Esta dirección es para una conexión en vivo.", "This address is for a live connection.")
        }
        _ => return None,
    })
}

fn limit_reason(reason: &str) -> Option<Text> {
    Some(match reason {
        "max_per_visit" => {
            text("Son más sellos de los que da una visita.", "These are more stamps than one visit gives.")
        }
        "min_minutes_between" => text(
            "Hace poco recibió su sello; todavía no toca otro.",
            "The last stamp was a moment ago; it is too soon for another.",
        ),
        "max_per_day" => text(
            "Ya tiene su sello de hoy; puede volver mañana.",
            "Today's stamp is there already; it can be tomorrow again.",
        ),
        "search_cap" => text(
            "Ya se dieron muchos sellos por búsqueda. Escanea la tarjeta o pide ayuda a un encargado.",
            "Many stamps were given by search. Scan the card, or ask a manager.",
        ),
        _ => return None,
    })
}

fn reward_state(reason: &str) -> Option<Text> {
    Some(match reason {
        "redeemed" => text("Este premio ya se entregó.", "This reward was handed over before."),
        "expired" => text("Este premio venció.", "This reward has expired."),
        "void" => text(
            "Este premio se retiró porque se anuló el sello que lo dio.",
            "This reward was taken back with the stamp that gave it.",
        ),
        "open" => text(
            "Este premio no se ha entregado; no hay nada que deshacer.",
            "This reward was not handed over; there is nothing to undo.",
        ),
        _ => return None,
    })
}

fn conflict_reason(reason: &str) -> Option<Text> {
    Some(match reason {
        "taken" => text("Ya está en uso. Elige otro.", "It is taken. Choose another."),
        "already_there" => {
            text("Ya hay una automatización de este tipo.", "There is an automation of this kind already.")
        }
        "off" => text(
            "WhatsApp está apagado aquí. Envía solo por la billetera.",
            "WhatsApp is off here. Send by the wallet alone.",
        ),
        "not_approved" => text(
            "Tu negocio todavía no puede enviar por WhatsApp. Escríbenos para activarlo.",
            "Your business may not send by WhatsApp yet. Write to us to turn it on.",
        ),
        "draft" => text("Esto todavía es un borrador.", "This is still a draft."),
        "scheduled" | "running" => {
            text("La campaña está en marcha. Páusala primero.", "The campaign is under way. Pause it first.")
        }
        "paused" => text("La campaña está en pausa. Reanúdala.", "The campaign is paused. Resume it."),
        "canceled" | "done" => text("La campaña ya terminó.", "The campaign is over."),
        "last_owner" => {
            text("Un negocio necesita al menos un dueño.", "A business needs at least one owner.")
        }
        _ => return None,
    })
}

fn field_reason(reason: &str) -> Option<Text> {
    Some(match reason {
        "required" => text("Falta este dato.", "This is missing."),
        "too_long" => text("Es demasiado largo.", "It is too long."),
        "too_short" => text("Es demasiado corto.", "It is too short."),
        "too_many" | "too_many_rows" => text("Son demasiados.", "These are too many."),
        "out_of_range" => {
            text("El número está fuera de lo permitido.", "The number is outside what is allowed.")
        }
        "not_printable" | "control_character" => {
            text("Lleva caracteres que no se pueden guardar.", "It holds characters that cannot be kept.")
        }
        "unknown_field" => text("Este dato no se conoce aquí.", "This is not known here."),
        "wrong_type" => {
            text("Este dato no tiene la forma que debe.", "This does not have the form it should.")
        }
        "duplicate" => text("Este dato está dos veces.", "This stands twice."),
        "exactly_one" => text("Aquí va una sola condición.", "Exactly one condition stands here."),
        "too_deep" => {
            text("Son demasiadas condiciones una dentro de otra.", "The conditions are nested too deep.")
        }
        "too_many_conditions" => text("Son demasiadas condiciones.", "These are too many conditions."),
        "below_min" => text("El máximo es menor que el mínimo.", "The most is less than the least."),
        "past" => text("Esa hora ya pasó. Elige otra.", "That time has passed. Choose another."),
        "already_launched" => {
            text("Ya empezó; no se puede programar.", "It has begun; it cannot be scheduled.")
        }
        "not_for_automations" => text(
            "Una automatización no se programa: empieza por sí sola.",
            "An automation is not scheduled: it begins by itself.",
        ),
        "spanish_missing" => text("Falta el texto en español.", "The Spanish text is missing."),
        "twice" => text("Este idioma está dos veces.", "This language stands twice."),
        "not_approved" => text(
            "WhatsApp todavía no aprueba esta plantilla. Elige otra.",
            "WhatsApp has not approved this template yet. Choose another.",
        ),
        "not_marketing" => {
            text("Esa plantilla no es para promociones.", "That template is not for promotions.")
        }
        "unknown_word" => text(
            "Lleva una palabra entre llaves que no conocemos.",
            "It holds a word in braces that we do not know.",
        ),
        "not_a_line" => text("Escríbelo en una sola línea.", "Write it in one line."),
        "wrong_number" => {
            text("Faltan o sobran datos de la plantilla.", "The template takes more or fewer words.")
        }
        "too_long_together" => text("El texto entero es demasiado largo.", "The whole text is too long."),
        "nobody" => text("Nadie cumple estas condiciones.", "Nobody meets these conditions."),
        "nobody_reachable" => text(
            "A ninguna de estas personas se le puede escribir por ahora.",
            "None of these people can be written to for now.",
        ),
        "only_for_visits" => text("Los días van solo con las visitas.", "Days go with visits alone."),
        "too_old" => text("Esto es de hace demasiado tiempo.", "This is from too long ago."),
        "over_limit" => text("Es más de lo que se permite gastar.", "It is more than may be spent."),
        "not_one_of" | "unknown" => text("No es una de las opciones.", "It is not one of the choices."),
        "not_a_uuid" => text("No es un identificador válido.", "It is not a valid identifier."),
        "not_a_phone" => {
            text("Revisa el número: en Perú son 9 dígitos.", "Check the number: in Peru it has 9 digits.")
        }
        "not_an_email" => text("Revisa el correo.", "Check the e-mail address."),
        "not_a_date" => text("Escribe la fecha como año-mes-día.", "Write the date as year-month-day."),
        "in_the_future" => text("Esa fecha todavía no llega.", "That date is yet to come."),
        "implausible" => text("Revisa la fecha.", "Check the date."),
        "too_young" => text(
            "Para tener una tarjeta hay que tener 14 años o más.",
            "A card is for those who are 14 or older.",
        ),
        "not_a_slug" => {
            text("Usa letras minúsculas, números y guiones.", "Use lower-case letters, numbers and hyphens.")
        }
        "reserved" => {
            text("Ese nombre está reservado. Elige otro.", "That name is reserved. Choose another.")
        }
        "not_a_ruc" => text("Revisa el RUC: son 11 dígitos.", "Check the RUC: it has 11 digits."),
        "not_a_pin" => text("El PIN lleva de 4 a 6 números.", "A PIN has 4 to 6 digits."),
        "not_a_role" => {
            text("El puesto debe ser dueño, encargado o caja.", "The role must be owner, manager or stamper.")
        }
        "not_a_zone" => text("Esa zona horaria no existe.", "There is no such time zone."),
        "not_spoken" => text("Ese idioma no está disponible.", "That language is not available."),
        "not_a_colour" => text("Escribe el color como #rrggbb.", "Write the colour as #rrggbb."),
        "not_a_shape" => text("Esa forma de sello no existe.", "There is no such stamp shape."),
        "not_a_count" => text("Escribe un número entero.", "Write a whole number."),
        "not_base64" => text("No está bien codificado.", "It is not encoded as it should be."),
        "one_target" => text(
            "Indica una sola tarjeta: scan_id, code o card_id.",
            "Name one card: scan_id, code or card_id.",
        ),
        "not_with_segment" => text(
            "Busca por nombre o elige un grupo, no las dos cosas.",
            "Search by name or choose a group, not both.",
        ),
        "not_a_cursor" => {
            text("Vuelve a cargar la lista desde el principio.", "Load the list again from its beginning.")
        }
        "not_a_day" => text("Escribe el día como año-mes-día.", "Write the day as year-month-day."),
        "before_from" => text("El último día va después del primero.", "The last day comes after the first."),
        "range_too_long" => text("Son demasiados días de una vez.", "These are too many days at once."),
        "not_a_p256_point" => text(
            "La llave de esta caja no es válida. Vuelve a vincularla.",
            "This till's key is not valid. Pair it again.",
        ),
        "same_customer" => text("Son la misma persona.", "They are the same person."),
        "erase_instead" => text(
            "Sin esto no hay tarjeta; para irse, se borra a la persona.",
            "Without this there is no card; to leave, the person is erased.",
        ),
        "not_csv" => text("No es una lista CSV que podamos leer.", "It is not a CSV list that we can read."),
        "no_column" => text("A la lista le falta esa columna.", "The list lacks that column."),
        "empty" => text("No hay nada que leer.", "There is nothing to read."),
        "twice_in_the_list" => text("Está dos veces en la lista.", "It is in the list twice."),
        "needs_her_own_proof" => {
            text("Solo la persona misma puede darlo.", "Only the person herself can give it.")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slug_has_a_title_and_a_sentence_in_both_languages() {
        for slug in Slug::ALL {
            for text in [titles(*slug), details(*slug)] {
                assert!(!text.es.is_empty() && !text.en.is_empty() && text.es != text.en, "{slug:?}");
            }
            assert!(details(*slug).es.ends_with('.') && details(*slug).en.ends_with('.'), "{slug:?}");
        }
    }

    #[test]
    fn a_known_reason_says_more_than_its_slug() {
        assert_eq!(
            detail(Slug::LimitReached, Some("max_per_day"), Locale::Es),
            "Ya tiene su sello de hoy; puede volver mañana."
        );
        assert_eq!(detail(Slug::LimitReached, Some("brand_new"), Locale::Es), details(Slug::LimitReached).es);
    }

    #[test]
    fn why_a_message_did_not_arrive_is_a_sentence_in_both_languages() {
        assert_eq!(message_reason("", Locale::Es), None);
        for reason in ["no_consent", "budget", "not_reachable", "in_doubt", "gone", "brand_new"] {
            let (es, en) = (message_reason(reason, Locale::Es), message_reason(reason, Locale::En));
            assert_ne!(es, en, "{reason}");
            assert!(es.unwrap().ends_with('.') && en.unwrap().ends_with('.'), "{reason}");
        }
    }

    #[test]
    fn why_a_phone_was_not_told_is_a_sentence_in_both_languages() {
        assert_eq!(push_reason("", Locale::Es), None);
        for reason in ["unreachable", "timeout", "too_often", "certificate", "missing", "PayloadTooLarge"] {
            let (es, en) = (push_reason(reason, Locale::Es), push_reason(reason, Locale::En));
            assert_ne!(es, en, "{reason}");
            for sentence in [es, en] {
                assert!(sentence.is_some_and(|it| it.ends_with('.') && !it.contains(reason)), "{reason}");
            }
        }
    }

    #[test]
    fn no_sentence_shouts() {
        for slug in Slug::ALL {
            for locale in [Locale::Es, Locale::En] {
                assert!(!detail(*slug, None, locale).contains('!'), "{slug:?}");
            }
        }
    }
}
