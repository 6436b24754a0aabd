//! What is wrong with one field.

use super::{Text, text};

/// By the reason that is told with it.
pub(super) fn field_reason(reason: &str) -> Option<Text> {
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
        "template_paused" => text(
            "Esta plantilla está en pausa y no se puede usar por ahora. Elige otra.",
            "This template is paused and cannot be used for now. Choose another.",
        ),
        "template_rejected" => text(
            "Esta plantilla fue rechazada y no se puede usar. Elige otra.",
            "This template was rejected and cannot be used. Choose another.",
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
